/* SPDX-License-Identifier: MIT
 * What every cmocka test includes, in the order that cmocka asks for. */
#ifndef SL_TESTS_UNIT_H
#define SL_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
