/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "engine/signature.h"

#include <stdio.h>
#include <string.h>

/* The second example of RFC 8032, §7.1. */
static const char private_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
static const char public_key[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
    "-----END PUBLIC KEY-----\n";
static const char expected[] =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
static const char expected_key[] =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
static const char p256[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
    "-----END PUBLIC KEY-----\n";

static unsigned char signature[SL_SIGNATURE_SIZE], key[SL_SIGNATURE_KEY_SIZE];

static void check_hex(const unsigned char *bytes, size_t len, const char *hex) {
    for (size_t i = 0; i < len; i++) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02x", bytes[i]);
        assert_memory_equal(digits, hex + 2 * i, 2);
    }
}

static bool is_good(const char *bytes, size_t len) {
    bool good = false;
    struct sl_error err = {0};
    assert_int_equal(sl_signature_check(public_key, strlen(public_key), bytes, len,
                                        signature, key, &good, &err),
                     SL_OK);
    return good;
}

static void is_that_of_the_standard(void **state) {
    (void)state;
    struct sl_error err = {0};
    assert_int_equal(sl_signature_make(private_key, strlen(private_key), "\x72", 1,
                                       signature, key, &err),
                     SL_OK);
    check_hex(signature, sizeof signature, expected);
    check_hex(key, sizeof key, expected_key);
    memset(key, 0, sizeof key);
    assert_true(is_good("\x72", 1));
    check_hex(key, sizeof key, expected_key);
}

static void holds_for_these_bytes_alone(void **state) {
    (void)state;
    struct sl_error err = {0};
    assert_int_equal(sl_signature_make(private_key, strlen(private_key), "bytes", 5,
                                       signature, key, &err),
                     SL_OK);
    assert_true(is_good("bytes", 5));
    assert_false(is_good("byteS", 5));
    assert_false(is_good("byte", 4));
    for (size_t i = 0; i < sizeof signature * 8; i++) {
        signature[i / 8] ^= (unsigned char)(1 << i % 8);
        assert_false(is_good("bytes", 5));
        signature[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    assert_true(is_good("bytes", 5));
}

static void tells_keys_apart(void **state) {
    (void)state;
    static const char locked[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGb\n"
                                 "-----END ENCRYPTED PRIVATE KEY-----\n";
    const struct {
        const char *pem, *for_signing, *for_checking;
    } cases[] = {
        {private_key, NULL, "is a private key"},
        {public_key, "is no private key of Ed25519", NULL},
        {p256, "is no private key of Ed25519", "is no public key of Ed25519"},
        {locked, "has a passphrase", "is a private key"},
        {"", "is no private key", "is no public key"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool good;
        struct sl_error made = {0}, checked = {0};
        size_t len = strlen(cases[i].pem);
        enum sl_code make =
            sl_signature_make(cases[i].pem, len, "", 0, signature, key, &made);
        enum sl_code check =
            sl_signature_check(cases[i].pem, len, "", 0, signature, key, &good, &checked);
        assert_int_equal(make, cases[i].for_signing ? SL_ERR_ARGUMENT : SL_OK);
        assert_int_equal(check, cases[i].for_checking ? SL_ERR_ARGUMENT : SL_OK);
        assert_true(!cases[i].for_signing || strstr(made.text, cases[i].for_signing));
        assert_true(!cases[i].for_checking ||
                    strstr(checked.text, cases[i].for_checking));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_that_of_the_standard),
        cmocka_unit_test(holds_for_these_bytes_alone),
        cmocka_unit_test(tells_keys_apart),
    };
    return cmocka_run_group_tests_name("engine/signature", tests, NULL, NULL);
}
