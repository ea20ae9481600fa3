#ifndef COMPLINE_COPENSSL_SHIM_H
#define COMPLINE_COPENSSL_SHIM_H
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#endif
