/* Cubic B-spline resampling along the axes of an image, in the arithmetic and the order of sums of ITK's decomposition
 * and interpolation, so that the result is ITK's to the bit. Only the coefficients that a result needs are kept.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define LANES 16
#define TAPS 4
#define TOLERANCE 1e-10 /* ITK's, where it stops summing what a mirrored line sends back */

/* What is asked of one axis: coefficients `low` to `high` - 1, and for each place its four neighbours and weights. */
typedef struct {
    int size, count, low, high;
    int *from;       /* [place * TAPS + tap], from `low` */
    double *weights; /* the same */
    uint8_t *inside;
} Axis;

/* Along two voxels ITK mirrors once and then reads beyond the image; here a line is mirrored as often as it takes. */
static int mirrored(int at, int size) {
    int period = 2 * size - 2;
    if (size == 1)
        return 0;
    at = ((at % period) + period) % period;
    return at < size ? at : period - at;
}

static int plan(Axis *axis, int size, const double *places, int count) {
    axis->size = size, axis->count = count, axis->low = size, axis->high = 0;
    axis->from = malloc((size_t)count * TAPS * sizeof *axis->from);
    axis->weights = malloc((size_t)count * TAPS * sizeof *axis->weights);
    axis->inside = malloc((size_t)count);
    if (!axis->from || !axis->weights || !axis->inside)
        return -1;
    for (int p = 0; p < count; p++) {
        double x = places[p], *w = axis->weights + (size_t)p * TAPS;
        axis->inside[p] = x >= -0.5 && x < size - 0.5;
        int first = axis->inside[p] ? (int)floor(x) - 1 : 0;
        double t = axis->inside[p] ? x - (double)(first + 1) : 0;
        w[3] = (1.0 / 6.0) * t * t * t;
        w[0] = (1.0 / 6.0) + 0.5 * t * (t - 1.0) - w[3];
        w[2] = t + w[0] - 2.0 * w[3];
        w[1] = 1.0 - w[0] - w[2] - w[3];
        for (int tap = 0; tap < TAPS; tap++) {
            int at = mirrored(first + tap, size);
            axis->from[p * TAPS + tap] = at;
            axis->low = at < axis->low ? at : axis->low;
            axis->high = at + 1 > axis->high ? at + 1 : axis->high;
        }
    }
    for (int f = 0; f < count * TAPS; f++)
        axis->from[f] -= axis->low;
    return 0;
}

static void forget(Axis *axes) {
    for (int a = 0; a < 3; a++)
        free(axes[a].from), free(axes[a].weights), free(axes[a].inside);
}

/* Samples to coefficients, in place, of LANES lines at once: line[sample * LANES + lane]. */
CLONED static void decompose(double *line, int n) {
    double z = sqrt(3.0) - 2.0, gain = 1.0 * (1.0 - z) * (1.0 - 1.0 / z), sum[LANES];
    if (n == 1)
        return;
    for (size_t s = 0; s < (size_t)n * LANES; s++)
        line[s] *= gain;
    long horizon = (long)ceil(log(TOLERANCE) / log(fabs(z)));
    for (int l = 0; l < LANES; l++)
        sum[l] = line[l];
    double zn = z;
    if (horizon < n) {
        for (int s = 1; s < horizon; s++, zn *= z)
            for (int l = 0; l < LANES; l++)
                sum[l] += zn * line[(size_t)s * LANES + l];
        for (int l = 0; l < LANES; l++)
            line[l] = sum[l];
    } else {
        double iz = 1.0 / z, z2n = pow(z, (double)(n - 1));
        for (int l = 0; l < LANES; l++)
            sum[l] = line[l] + z2n * line[(size_t)(n - 1) * LANES + l];
        z2n *= z2n * iz;
        for (int s = 1; s <= n - 2; s++, zn *= z, z2n *= iz)
            for (int l = 0; l < LANES; l++)
                sum[l] += (zn + z2n) * line[(size_t)s * LANES + l];
        for (int l = 0; l < LANES; l++)
            line[l] = sum[l] / (1.0 - zn * zn);
    }
    for (size_t s = LANES; s < (size_t)n * LANES; s++)
        line[s] += z * line[s - LANES];
    double *last = line + (size_t)(n - 1) * LANES;
    for (int l = 0; l < LANES; l++)
        last[l] = (z / (z * z - 1.0)) * (z * last[l - LANES] + last[l]);
    for (int s = n - 2; s >= 0; s--)
        for (int l = 0; l < LANES; l++) {
            size_t at = (size_t)s * LANES + (size_t)l;
            line[at] = z * (line[at + LANES] - line[at]);
        }
}

/* Decompose along an axis of `from` (line l of `lines` starts at l * apart) the samples `step` apart; what is asked of
 * the axis is written to `to` in the same way. */
static void along(const double *from, ptrdiff_t step, ptrdiff_t apart, double *to, ptrdiff_t step_to, ptrdiff_t apart_to,
                  int lines, const Axis *axis, double *room) {
    for (int start = 0; start < lines; start += LANES) {
        int lanes = lines - start < LANES ? lines - start : LANES;
        for (int s = 0; s < axis->size; s++)
            for (int l = 0; l < lanes; l++)
                room[s * LANES + l] = from[s * step + (start + l) * apart];
        decompose(room, axis->size);
        for (int s = axis->low; s < axis->high; s++)
            for (int l = 0; l < lanes; l++)
                to[(s - axis->low) * step_to + (start + l) * apart_to] = room[s * LANES + l];
    }
}

/* The coefficients' rows of one plane, each as four rows of what the places of a result ask for. */
static void spread(const double *plane, int rows, int row, const Axis *i, size_t wide, double *out) {
    for (int r = 0; r < rows; r++)
        for (int tap = 0; tap < TAPS; tap++)
            for (int p = 0; p < i->count; p++)
                out[((size_t)r * TAPS + (size_t)tap) * wide + (size_t)p] =
                    plane[(size_t)r * (size_t)row + (size_t)i->from[p * TAPS + tap]];
}

/* One row of results: 64 products a voxel, summed in ITK's order. `rows` are the sixteen spread ones. */
CLONED static void weigh(const double *const *rows, const double *wi, const double *wj, const double *wk, size_t wide,
                         double *out) {
    for (size_t start = 0; start < wide; start += LANES) {
        double sum[LANES] = {0};
        for (int k = 0; k < TAPS; k++)
            for (int j = 0; j < TAPS; j++)
                for (int i = 0; i < TAPS; i++) {
                    const double *w = wi + (size_t)i * wide + start;
                    const double *c = rows[k * TAPS + j] + (size_t)i * wide + start;
                    for (int l = 0; l < LANES; l++)
                        sum[l] += w[l] * wj[j] * wk[k] * c[l];
                }
        memcpy(out + start, sum, sizeof sum);
    }
}

#define SAMPLE float
#define NAMED(name) name##_single
#include "spline.h"
#undef SAMPLE
#undef NAMED
#define SAMPLE double
#define NAMED(name) name##_double
#include "spline.h"
