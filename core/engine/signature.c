/* SPDX-License-Identifier: MIT */
#include "engine/signature.h"

#include "engine/library.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define CRYPTO_FUNCTIONS(X)                                                              \
    X(BIO_new_mem_buf)                                                                   \
    X(BIO_free)                                                                          \
    X(PEM_read_bio_PrivateKey)                                                           \
    X(PEM_read_bio_PUBKEY)                                                               \
    X(EVP_PKEY_get_id)                                                                   \
    X(EVP_PKEY_get_raw_public_key)                                                       \
    X(EVP_PKEY_free)                                                                     \
    X(EVP_MD_CTX_new)                                                                    \
    X(EVP_MD_CTX_free)                                                                   \
    X(EVP_DigestSignInit)                                                                \
    X(EVP_DigestSign)                                                                    \
    X(EVP_DigestVerifyInit)                                                              \
    X(EVP_DigestVerify)                                                                  \
    X(ERR_clear_error)

#define MEMBER(name) __typeof__(&name) name;
#define SYMBOL(name) {#name, &crypto.name},

static struct { CRYPTO_FUNCTIONS(MEMBER) } crypto;

static const struct sl_symbol crypto_symbols[] = {CRYPTO_FUNCTIONS(SYMBOL){NULL, NULL}};

static enum sl_code load_crypto(struct sl_error *err) {
    static bool loaded;
    enum sl_code code =
        loaded ? SL_OK
               : sl_library_load("libcrypto.so.3", "libssl3", crypto_symbols, err);
    loaded = code == SL_OK;
    return code;
}

/* Nobody is asked for a passphrase: a key that has one is not read. */
static int no_passphrase(char *out, int size, int writing, void *context) {
    (void)out, (void)size, (void)writing, (void)context;
    return -1;
}

typedef EVP_PKEY *reader(BIO *, EVP_PKEY **, pem_password_cb *, void *);

/* Reads a key with its raw public half; NULL when it is none of Ed25519. */
static EVP_PKEY *read_key(const char *pem, size_t pem_len, reader *read,
                          unsigned char raw[SL_SIGNATURE_KEY_SIZE]) {
    size_t size = SL_SIGNATURE_KEY_SIZE;
    BIO *text = pem_len <= INT_MAX ? crypto.BIO_new_mem_buf(pem, (int)pem_len) : NULL;
    EVP_PKEY *key = text ? read(text, NULL, no_passphrase, NULL) : NULL;
    crypto.BIO_free(text);
    if (key && crypto.EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
        crypto.EVP_PKEY_get_raw_public_key(key, raw, &size) == 1)
        return key;
    crypto.EVP_PKEY_free(key);
    crypto.ERR_clear_error();
    return NULL;
}

static bool holds(const char *text, size_t len, const char *word) {
    return memmem(text, len, word, strlen(word)) != NULL;
}

enum sl_code sl_signature_make(const char *pem, size_t pem_len, const char *bytes,
                               size_t len, unsigned char signature[SL_SIGNATURE_SIZE],
                               unsigned char key[SL_SIGNATURE_KEY_SIZE],
                               struct sl_error *err) {
    size_t size = SL_SIGNATURE_SIZE;
    enum sl_code code = load_crypto(err);
    if (code != SL_OK)
        return code;
    if (holds(pem, pem_len, "ENCRYPTED"))
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "has a passphrase; expected a private key without one");
    EVP_PKEY *secret = read_key(pem, pem_len, crypto.PEM_read_bio_PrivateKey, key);
    if (!secret)
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "is no private key of Ed25519 in PEM; one is made by "
                            "'openssl genpkey -algorithm ed25519'");
    EVP_MD_CTX *context = crypto.EVP_MD_CTX_new();
    if (!context || !crypto.EVP_DigestSignInit(context, NULL, NULL, NULL, secret) ||
        !crypto.EVP_DigestSign(context, signature, &size, (const unsigned char *)bytes,
                               len))
        code = sl_error_set(err, SL_ERR_LIBRARY, "libcrypto could not sign");
    crypto.EVP_MD_CTX_free(context);
    crypto.EVP_PKEY_free(secret);
    return code;
}

enum sl_code sl_signature_check(const char *pem, size_t pem_len, const char *bytes,
                                size_t len,
                                const unsigned char signature[SL_SIGNATURE_SIZE],
                                unsigned char key[SL_SIGNATURE_KEY_SIZE], bool *good,
                                struct sl_error *err) {
    enum sl_code code = load_crypto(err);
    if (code != SL_OK)
        return code;
    if (holds(pem, pem_len, "PRIVATE KEY"))
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "is a private key; expected the public one, as "
                            "'openssl pkey -pubout' writes it");
    EVP_PKEY *public = read_key(pem, pem_len, crypto.PEM_read_bio_PUBKEY, key);
    if (!public)
        return sl_error_set(err, SL_ERR_ARGUMENT,
                            "is no public key of Ed25519 in PEM, as 'openssl pkey "
                            "-pubout' writes it");
    EVP_MD_CTX *context = crypto.EVP_MD_CTX_new();
    if (!context || !crypto.EVP_DigestVerifyInit(context, NULL, NULL, NULL, public))
        code = sl_error_set(err, SL_ERR_LIBRARY, "libcrypto could not verify");
    else
        *good = crypto.EVP_DigestVerify(context, signature, SL_SIGNATURE_SIZE,
                                        (const unsigned char *)bytes, len) == 1;
    crypto.ERR_clear_error();
    crypto.EVP_MD_CTX_free(context);
    crypto.EVP_PKEY_free(public);
    return code;
}
