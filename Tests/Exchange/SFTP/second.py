#!/usr/bin/env python3
"""A second, independent SFTP server (asyncssh) on a loopback port, for the conformance suite.

usage: second.py PORT HOST_KEY AUTHORIZED_KEYS

It serves the whole file system to whoever holds an authorized key, as the account that started it.
"""
import asyncio, sys

import asyncssh


async def main():
    port, host_key, authorized = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    await asyncssh.listen('127.0.0.1', port, server_host_keys=[host_key], authorized_client_keys=authorized, sftp_factory=True, password_auth=False)
    await asyncio.Event().wait()


asyncio.run(main())
