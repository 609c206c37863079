#include "json/json_number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* At most 767 significant digits decide how a decimal rounds to a double (for the exact halves
 * between the smallest numbers). Of the digits after them it only matters whether all are zero. */
enum { DECIDING_DIGITS = 770 };

/* A number of this many digits fits 64 bits. */
enum { WORD_DIGITS = 19 };

/* Beyond these magnitudes the value is an infinity or zero: DBL_MAX is 1.8e308, half the smallest
 * subnormal is 2.5e-324. */
enum { LARGEST_MAGNITUDE = 310, SMALLEST_MAGNITUDE = -326 };

/* A parsed JSON number. The digits from `first` to `last`, without the point, are an integer
 * without leading or trailing zeros; the value is that integer times ten to `exponent`. No digits:
 * the value is 0. */
struct decimal {
    bool negative;
    const char *first; /* first digit that is not 0 */
    const char *last;  /* after the last one */
    size_t digits;
    int64_t exponent;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads [+-]digits after the e. Saturates at a value that the digits of no text in memory can
 * outweigh. */
static const char *read_exponent(const char *p, int64_t *exponent)
{
    const int64_t limit = INT64_MAX / 100;
    bool negative = *p == '-';
    if (*p == '-' || *p == '+')
        p++;
    if (!is_digit(*p))
        return NULL;
    int64_t value = 0;
    for (; is_digit(*p); p++) {
        if (value < limit)
            value = value * 10 + (*p - '0');
    }
    *exponent = negative ? -value : value;
    return p;
}

/* Finds the end of the number and its point, by the grammar of RFC 8259 section 6. */
static const char *scan_digits(const char *p, const char **point)
{
    *point = NULL;
    if (!is_digit(*p))
        return NULL;
    if (*p == '0')
        p++;
    else
        while (is_digit(*p))
            p++;
    if (*p == '.') {
        *point = p++;
        if (!is_digit(*p))
            return NULL;
        while (is_digit(*p))
            p++;
    }
    return p;
}

static const char *read_decimal(const char *p, struct decimal *decimal)
{
    decimal->negative = *p == '-';
    const char *start = decimal->negative ? p + 1 : p;
    const char *point;
    const char *end = scan_digits(start, &point);
    if (end == NULL)
        return NULL;
    p = end;
    decimal->exponent = 0;
    if (*p == 'e' || *p == 'E') {
        p = read_exponent(p + 1, &decimal->exponent);
        if (p == NULL)
            return NULL;
    }
    const char *first = start;
    while (first < end && (*first == '0' || *first == '.'))
        first++;
    const char *last = end;
    while (last > first && (last[-1] == '0' || last[-1] == '.'))
        last--;
    bool point_inside = point != NULL && point > first && point < last;
    decimal->first = first;
    decimal->last = last;
    decimal->digits = (size_t)(last - first) - (point_inside ? 1 : 0);
    /* Number of places between the last digit and the point. */
    const char *unit = point != NULL ? point : end;
    decimal->exponent += last <= unit ? unit - last : -(last - unit - 1);
    return p;
}

/* The digits as an integer; there must be at most WORD_DIGITS. */
static uint64_t mantissa_of(const struct decimal *decimal)
{
    uint64_t mantissa = 0;
    for (const char *p = decimal->first; p < decimal->last; p++) {
        if (*p != '.')
            mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    }
    return mantissa;
}

static bool integer_of(const struct decimal *decimal, uint64_t mantissa, int64_t *integer)
{
    if (decimal->digits > WORD_DIGITS || decimal->exponent < 0 ||
        decimal->exponent > WORD_DIGITS - (int64_t)decimal->digits)
        return false;
    for (int64_t i = 0; i < decimal->exponent; i++)
        mantissa *= 10;
    const uint64_t limit = (uint64_t)INT64_MAX + (decimal->negative ? 1 : 0);
    if (mantissa > limit)
        return false;
    /* Computed as -(m - 1) - 1, since -INT64_MIN overflows. */
    if (!decimal->negative)
        *integer = (int64_t)mantissa;
    else
        *integer = mantissa == 0 ? 0 : -(int64_t)(mantissa - 1) - 1;
    return true;
}

/* Calls strtod with the digits as an integer with an exponent: without a decimal point the locale
 * has no effect. strtod rounds correctly (glibc, musl, Apple, BSD). */
static double nearest_double(const struct decimal *decimal)
{
    char text[DECIDING_DIGITS + 32];
    size_t length = 0;
    const char *p = decimal->first;
    for (; p < decimal->last && length < DECIDING_DIGITS; p++) {
        if (*p != '.')
            text[length++] = *p;
    }
    int64_t exponent = decimal->exponent + (int64_t)(decimal->digits - length);
    if (decimal->digits > length) {
        /* The digits left out are not all 0. */
        text[length++] = '1';
        exponent--;
    }
    snprintf(text + length, sizeof text - length, "e%lld", (long long)exponent);
    return strtod(text, NULL);
}

/* Clinger's fast path: if both the digits and the power of ten are exact as doubles, IEEE 754
 * rounds their product or quotient correctly. Not with x87 arithmetic, which rounds twice. */
static bool exact_double(const struct decimal *decimal, uint64_t mantissa, double *real)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (FLT_EVAL_METHOD != 0 || decimal->digits > WORD_DIGITS ||
        mantissa > UINT64_C(9007199254740992))
        return false;
    if (decimal->exponent < -22 || decimal->exponent > 22)
        return false;
    if (decimal->exponent < 0)
        *real = (double)mantissa / powers[-decimal->exponent];
    else
        *real = (double)mantissa * powers[decimal->exponent];
    return true;
}

static double real_of(const struct decimal *decimal, uint64_t mantissa)
{
    double real;
    int64_t magnitude = decimal->exponent + (int64_t)decimal->digits;
    if (decimal->digits == 0 || magnitude < SMALLEST_MAGNITUDE)
        real = 0.0;
    else if (magnitude > LARGEST_MAGNITUDE)
        real = HUGE_VAL;
    else if (!exact_double(decimal, mantissa, &real))
        real = nearest_double(decimal);
    return decimal->negative ? -real : real;
}

const char *json_number_read(const char *text, struct json_number *number)
{
    struct decimal decimal;
    const char *end = read_decimal(text, &decimal);
    if (end == NULL)
        return NULL;
    uint64_t mantissa = decimal.digits <= WORD_DIGITS ? mantissa_of(&decimal) : 0;
    if (decimal.digits == 0)
        decimal.exponent = 0;
    number->is_integer = integer_of(&decimal, mantissa, &number->integer);
    /* Converting an integer also rounds correctly, and is cheaper, but integers have no negative
     * zero. */
    bool converts = number->is_integer && number->integer != 0;
    number->real = converts ? (double)number->integer : real_of(&decimal, mantissa);
    return end;
}

size_t json_integer_write(int64_t integer, char bytes[JSON_NUMBER_SIZE])
{
    char digits[JSON_NUMBER_SIZE];
    size_t count = 0, length = 0;
    uint64_t rest = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0)
        bytes[length++] = '-';
    while (count > 0)
        bytes[length++] = digits[--count];
    return length;
}

/* The digits of a double and the exponent of the first one, as printed by %e without its point,
 * which depends on the locale. */
struct digits {
    char text[JSON_NUMBER_SIZE];
    size_t count;
    int exponent;
};

static void strip_zeros(struct digits *digits)
{
    while (digits->count > 1 && digits->text[digits->count - 1] == '0')
        digits->count--;
}

static void round_to_digits(double real, int count, struct digits *digits)
{
    /* Enough for 17 digits, a sign, an exponent and a point of up to 16 bytes (MB_LEN_MAX). */
    char formatted[64];
    snprintf(formatted, sizeof formatted, "%.*e", count - 1, real);
    digits->count = 0;
    const char *p = formatted;
    for (; *p != 'e' && *p != '\0'; p++) {
        if (is_digit(*p) && digits->count < sizeof digits->text)
            digits->text[digits->count++] = *p;
    }
    digits->exponent = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
    strip_zeros(digits);
}

static bool reads_back(const struct digits *digits, double real)
{
    char text[40];
    memcpy(text, digits->text, digits->count);
    snprintf(text + digits->count, sizeof text - digits->count, "e%d",
             digits->exponent - (int)digits->count + 1);
    return strtod(text, NULL) == real;
}

/* Fast path for numbers with few decimals. An integer below 2^53 and a power of ten up to 10^22 are
 * exact as doubles, so their quotient is the double nearest to the decimal (IEEE 754 section
 * 5.4.1). */
static bool short_decimal(double real, struct digits *digits)
{
    enum { MOST_DECIMALS = 6 };
    double power = 1;
    if (real < 1e-3 || real >= 1e9) /* so that there are at most 15 digits */
        return false;
    for (int decimals = 1; decimals <= MOST_DECIMALS; decimals++) {
        power *= 10;
        double whole = floor(real * power + 0.5);
        if (whole / power == real) {
            digits->count = json_integer_write((int64_t)whole, digits->text);
            digits->exponent = (int)digits->count - 1 - decimals;
            return true;
        }
    }
    return false;
}

/* Finds the fewest digits that read back as the (positive) number. Up to 15 digits are preserved by
 * a normal double (C11 5.2.4.2.2, DBL_DIG), so fewer need not be tried; subnormals have less
 * precision. */
static void shortest_digits(double real, struct digits *digits)
{
    int count = real < DBL_MIN ? 1 : DBL_DIG;
    if (short_decimal(real, digits))
        return;
    for (; count < 17; count++) {
        round_to_digits(real, count, digits);
        if (reads_back(digits, real))
            return;
    }
    round_to_digits(real, 17, digits);
}

static size_t append_bytes(char *bytes, size_t length, const char *text, size_t count)
{
    memcpy(bytes + length, text, count);
    return length + count;
}

/* Writes d.ddde-7 or d.ddde20, without printf's plus sign and leading zeros in the exponent. */
static size_t write_scientific(const struct digits *digits, char *bytes)
{
    size_t length = append_bytes(bytes, 0, digits->text, 1);
    if (digits->count > 1) {
        bytes[length++] = '.';
        length = append_bytes(bytes, length, digits->text + 1, digits->count - 1);
    }
    bytes[length++] = 'e';
    return length + json_integer_write(digits->exponent, bytes + length);
}

static size_t write_positional(const struct digits *digits, char *bytes)
{
    size_t length = 0;
    if (digits->exponent < 0) {
        length = append_bytes(bytes, length, "0.0000", (size_t)(1 - digits->exponent));
        return append_bytes(bytes, length, digits->text, digits->count);
    }
    size_t before_point = (size_t)digits->exponent + 1;
    length = append_bytes(bytes, length, digits->text, before_point);
    if (digits->count == before_point)
        return length;
    bytes[length++] = '.';
    return append_bytes(bytes, length, digits->text + before_point, digits->count - before_point);
}

/* For 2^53 to 2^63: writes all digits, or an exponent in place of the trailing zeros if that is
 * shorter. Either is exact, so that Lua 5.3 reads back an integer equal to the float; the nearest
 * decimal might not be. */
static size_t write_large_integer(int64_t integer, char *bytes)
{
    char shorter[JSON_NUMBER_SIZE];
    struct digits digits;
    size_t length = json_integer_write(integer, bytes);
    size_t sign = integer < 0 ? 1 : 0;
    digits.count = length - sign;
    digits.exponent = (int)digits.count - 1;
    memcpy(digits.text, bytes + sign, digits.count);
    strip_zeros(&digits);
    size_t shorter_length = write_scientific(&digits, shorter);
    if (shorter_length >= length - sign)
        return length;
    memcpy(bytes + sign, shorter, shorter_length);
    return sign + shorter_length;
}

size_t json_real_write(double real, char bytes[JSON_NUMBER_SIZE])
{
    size_t length = 0;
    double magnitude = fabs(real);
    if (magnitude < 9223372036854775808.0 && real == floor(real) && real != 0) {
        if (magnitude < 9007199254740992.0)
            return json_integer_write((int64_t)real, bytes);
        return write_large_integer((int64_t)real, bytes);
    }
    if (signbit(real))
        bytes[length++] = '-';
    if (real == 0) {
        bytes[length++] = '0';
        return length;
    }
    struct digits digits;
    shortest_digits(magnitude, &digits);
    /* As %g does for small numbers; large numbers here are beyond 2^63. */
    bool scientific = digits.exponent < -4 || digits.exponent >= (int)digits.count;
    return length + (scientific ? write_scientific(&digits, bytes + length)
                                : write_positional(&digits, bytes + length));
}
