/* One level of the stationary wavelet transform along i, j and k, periodic, in the image's precision and in the order of
 * PyWavelets' sums, so that the result is its own to the bit. Only what the lesion's box needs is computed.
 */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define TAPS 6

typedef struct {
    int from[TAPS]; /* samples of a periodic line, in the order in which they are summed */
    int tap[TAPS];
} Sum;

/* PyWavelets begins a sum that reaches over the end of a line with the samples that lie beyond. */
static Sum sum_at(int at, int n) {
    Sum found;
    int ahead = at + TAPS / 2, filled = 0;
    for (int t = ahead - n; t >= 0; t--, filled++)
        found.tap[filled] = t, found.from[filled] = ahead - n - t;
    for (int t = ahead >= n ? ahead - n + 1 : 0; t < TAPS; t++, filled++)
        found.tap[filled] = t, found.from[filled] = ahead - t >= 0 ? ahead - t : ahead - t + n;
    return found;
}

#define SAMPLE float
#define NAMED(name) name##_single
#include "wavelet.h"
#undef SAMPLE
#undef NAMED
#define SAMPLE double
#define NAMED(name) name##_double
#include "wavelet.h"
