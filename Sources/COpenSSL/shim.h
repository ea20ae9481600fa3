#ifndef COMPLINE_COPENSSL_SHIM_H
#define COMPLINE_COPENSSL_SHIM_H
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/prctl.h>

/* prctl is variadic, which Swift does not import. */
static inline int compline_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

static inline int compline_forbid_core_dump(void) { return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); }
#endif
