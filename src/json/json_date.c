#include "json/json_date.h"

#include <math.h>
#include <stdint.h>

/* Larger numbers must be milliseconds by mistake: as seconds this is the year 5138. */
#define TOO_MANY_SECONDS 1e11
/* 0000-01-01T00:00:00Z. RFC 3339 section 1 allows the years 0000 to 9999. */
#define YEAR_ZERO (-62167219200.0)

enum { SECONDS_A_DAY = 86400 };

struct date {
    int64_t year, month, day;
};

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* The civil date of a day counted from 1970-01-01, in the proleptic Gregorian
 * calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
 * civil_from_days. Years begin in March, so that the leap day comes last. */
static struct date civil_date(int64_t days)
{
    days += 719468; /* from 0000-03-01 */
    int64_t era = floor_divide(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    struct date date = {
        .year = year_of_era + era * 400 + (month >= 10 ? 1 : 0),
        .month = month < 10 ? month + 3 : month - 9,
        .day = day_of_year - (153 * month + 2) / 5 + 1,
    };
    return date;
}

/* Writes the number with leading zeros, then the character `after`. Returns the end. */
static char *put(char *bytes, int64_t number, int width, char after)
{
    for (int i = width - 1; i >= 0; i--) {
        bytes[i] = (char)('0' + number % 10);
        number /= 10;
    }
    bytes[width] = after;
    return bytes + width + 1;
}

struct status json_date_write(double seconds, char bytes[JSON_DATE_SIZE], size_t *length)
{
    if (!isfinite(seconds))
        return status_invalid("is not a finite number");
    if (seconds >= TOO_MANY_SECONDS)
        return status_invalid("looks like milliseconds; expected seconds since the epoch");
    if (seconds < YEAR_ZERO)
        return status_invalid("is before the year 0");
    /* Multiply only the fraction, so that the result is exact to the millisecond. */
    double whole = floor(seconds);
    int64_t milliseconds = (int64_t)whole * 1000 + (int64_t)round((seconds - whole) * 1000);
    int64_t moment = floor_divide(milliseconds, 1000);
    milliseconds -= moment * 1000;
    struct date date = civil_date(floor_divide(moment, SECONDS_A_DAY));
    int64_t second = moment - floor_divide(moment, SECONDS_A_DAY) * SECONDS_A_DAY;
    char *p = put(bytes, date.year, 4, '-');
    p = put(p, date.month, 2, '-');
    p = put(p, date.day, 2, 'T');
    p = put(p, second / 3600, 2, ':');
    p = put(p, second / 60 % 60, 2, ':');
    p = put(p, second % 60, 2, milliseconds > 0 ? '.' : 'Z');
    if (milliseconds > 0)
        p = put(p, milliseconds, 3, 'Z');
    *length = (size_t)(p - bytes);
    return status_ok();
}

static size_t skip(const char *text, size_t length, size_t from, char first, char last)
{
    while (from < length && text[from] >= first && text[from] <= last)
        from++;
    return from;
}

bool json_date_is_milliseconds(const char *text, size_t length)
{
    const size_t digits_of_limit = 12; /* of TOO_MANY_SECONDS */
    size_t start = skip(text, length, 0, ' ', ' ');
    size_t first = skip(text, length, start, '0', '0');
    size_t end = skip(text, length, first, '0', '9');
    if (end - first < digits_of_limit)
        return false;
    if (end < length && text[end] == '.')
        end = skip(text, length, end + 1, '0', '9');
    return skip(text, length, end, ' ', ' ') == length;
}
