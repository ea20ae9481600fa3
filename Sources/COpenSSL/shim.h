#ifndef COMPLINE_COPENSSL_SHIM_H
#define COMPLINE_COPENSSL_SHIM_H
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/prctl.h>

/* prctl is variadic, which Swift does not import. */
static inline int compline_forbid_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

static inline int compline_forbid_core_dump(void) { return prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L); }

/* SHA-256 with a context that lives on the caller's stack. OpenSSL 3 marks these calls as deprecated in favour of EVP, whose set-up costs more
   than the digest of a small message. They cannot fail. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
static inline void compline_sha256_begin(SHA256_CTX *context) { SHA256_Init(context); }
static inline void compline_sha256_update(SHA256_CTX *context, const void *bytes, size_t count) { SHA256_Update(context, bytes, count); }
static inline void compline_sha256_finish(SHA256_CTX *context, unsigned char *digest) { SHA256_Final(digest, context); }
#pragma clang diagnostic pop
#endif
