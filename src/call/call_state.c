#include "call/call_state.h"

#include "base/clock.h"

double call_elapsed_ms(const struct call *call)
{
    return clock_monotonic_ms() - call->started;
}
