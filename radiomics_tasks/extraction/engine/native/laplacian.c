/* Laplacian of Gaussian by recursive filters along each axis: Deriche's fourth-order approximation with Farneback and
 * Westin's coefficients, in the arithmetic of ITK (doubles along a line, single precision between lines), so that the
 * result is ITK's to the bit. Only what the lesion's box needs of each pass is computed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define LANES 32

typedef struct {
    double n[4], d[4], m[4], bn[4], bm[4];
} Recursion;

typedef struct {
    double n[4], sum, first, second;
} Numerator;

static Numerator numerator(double sigma, double a1, double b1, double a2, double b2) {
    double w1 = 0.6681, l1 = -1.3932, w2 = 2.0787, l2 = -1.3732;
    double sin1 = sin(w1 / sigma), sin2 = sin(w2 / sigma), cos1 = cos(w1 / sigma), cos2 = cos(w2 / sigma);
    double exp1 = exp(l1 / sigma), exp2_ = exp(l2 / sigma);
    Numerator found;
    double *n = found.n;
    n[0] = a1 + a2;
    n[1] = exp2_ * (b2 * sin2 - (a2 + 2 * a1) * cos2);
    n[1] += exp1 * (b1 * sin1 - (a1 + 2 * a2) * cos1);
    n[2] = (a1 + a2) * cos2 * cos1;
    n[2] -= b1 * cos2 * sin1 + b2 * cos1 * sin2;
    n[2] *= 2 * exp1 * exp2_;
    n[2] += a2 * exp1 * exp1 + a1 * exp2_ * exp2_;
    n[3] = exp2_ * exp1 * exp1 * (b2 * sin2 - a2 * cos2);
    n[3] += exp1 * exp2_ * exp2_ * (b1 * sin1 - a1 * cos1);
    found.sum = n[0] + n[1] + n[2] + n[3];
    found.first = n[1] + 2 * n[2] + 3 * n[3];
    found.second = n[1] + 4 * n[2] + 9 * n[3];
    return found;
}

static void denominator(double sigma, double *d, double *sum, double *first, double *second) {
    double cos1 = cos(0.6681 / sigma), cos2 = cos(2.0787 / sigma), exp1 = exp(-1.3932 / sigma);
    double exp2_ = exp(-1.3732 / sigma);
    d[3] = exp1 * exp1 * exp2_ * exp2_;
    d[2] = -2 * cos1 * exp1 * exp2_ * exp2_;
    d[2] += -2 * cos2 * exp2_ * exp1 * exp1;
    d[1] = 4 * cos2 * cos1 * exp1 * exp2_;
    d[1] += exp1 * exp1 + exp2_ * exp2_;
    d[0] = -2 * (exp2_ * cos2 + exp1 * cos1);
    *sum = 1.0 + d[0] + d[1] + d[2] + d[3];
    *first = d[0] + 2 * d[1] + 3 * d[2] + 4 * d[3];
    *second = d[0] + 4 * d[1] + 9 * d[2] + 16 * d[3];
}

/* Coefficients of the Gaussian itself (`derived` 0) or of its second derivative, times sigma squared. */
static Recursion recursion(double sigma_mm, double spacing_mm, int derived) {
    Recursion r;
    double sigma = sigma_mm / spacing_mm, sd, dd, ed;
    denominator(sigma, r.d, &sd, &dd, &ed);
    Numerator plain = numerator(sigma, 1.3530, 1.8151, -0.3531, 0.0902);
    if (!derived) {
        double alpha = 2 * plain.sum / sd - plain.n[0];
        for (int c = 0; c < 4; c++)
            r.n[c] = plain.n[c] * (1.0 / alpha);
    } else {
        Numerator curved = numerator(sigma, -1.3563, 5.2318, 0.3446, -2.2355);
        double beta = -(2 * curved.sum - sd * curved.n[0]) / (2 * plain.sum - sd * plain.n[0]);
        for (int c = 0; c < 4; c++)
            r.n[c] = curved.n[c] + beta * plain.n[c];
        double sn = curved.sum + beta * plain.sum, dn = curved.first + beta * plain.first;
        double en = curved.second + beta * plain.second;
        double alpha = en * sd * sd - ed * sn * sd - 2 * dn * dd * sd + 2 * dd * dd * sn;
        alpha /= sd * sd * sd;
        for (int c = 0; c < 4; c++)
            r.n[c] *= sigma_mm * sigma_mm / alpha;
    }
    r.m[0] = r.n[1] - r.d[0] * r.n[0];
    r.m[1] = r.n[2] - r.d[1] * r.n[0];
    r.m[2] = r.n[3] - r.d[2] * r.n[0];
    r.m[3] = -r.d[3] * r.n[0];
    double sn = r.n[0] + r.n[1] + r.n[2] + r.n[3], sm = r.m[0] + r.m[1] + r.m[2] + r.m[3];
    double sum = 1.0 + r.d[0] + r.d[1] + r.d[2] + r.d[3];
    for (int c = 0; c < 4; c++) {
        r.bn[c] = r.d[c] * sn / sum;
        r.bm[c] = r.d[c] * sm / sum;
    }
    return r;
}

/* One step of a recursion over all lanes: four values in, four results back; beyond the end of a line its last value
 * stands in for both, under the border's own coefficients. */
static inline void step(double *restrict out, const double *const *in, const double *gain, const double *const *back,
                        const double *decay) {
    const double *a = in[0], *b = in[1], *c = in[2], *d = in[3];
    const double *w = back[0], *x = back[1], *y = back[2], *z = back[3];
    for (int l = 0; l < LANES; l++) {
        double forward = a[l] * gain[0] + b[l] * gain[1] + c[l] * gain[2] + d[l] * gain[3];
        out[l] = forward - (w[l] * decay[0] + x[l] * decay[1] + y[l] * decay[2] + z[l] * decay[3]);
    }
}

/* Filter LANES lines of `n` samples, interleaved: lines[sample * LANES + lane]. */
CLONED static void filter_lines(const double *lines, int n, const Recursion *r, double *out, double *scratch) {
    const double *first = lines, *last = lines + (size_t)(n - 1) * LANES;
    for (int s = 0; s < n; s++) {
        const double *in[4], *back[4];
        double decay[4];
        for (int t = 0; t < 4; t++) {
            in[t] = s - t >= 0 ? lines + (size_t)(s - t) * LANES : first;
            back[t] = s - 1 - t >= 0 ? out + (size_t)(s - 1 - t) * LANES : first;
            decay[t] = s - 1 - t >= 0 ? r->d[t] : r->bn[t];
        }
        step(out + (size_t)s * LANES, in, r->n, back, decay);
    }
    for (int s = n - 1; s >= 0; s--) {
        const double *in[4], *back[4];
        double decay[4];
        for (int t = 0; t < 4; t++) {
            in[t] = s + 1 + t < n ? lines + (size_t)(s + 1 + t) * LANES : last;
            back[t] = s + 1 + t < n ? scratch + (size_t)(s + 1 + t) * LANES : last;
            decay[t] = s + 1 + t < n ? r->d[t] : r->bm[t];
        }
        step(scratch + (size_t)s * LANES, in, r->m, back, decay);
    }
    for (size_t s = 0; s < (size_t)n * LANES; s++)
        out[s] += scratch[s];
}

typedef struct {
    int low[3], high[3];
} Range;

typedef struct {
    double *lines, *out, *scratch;
} Room;

#define SAMPLE float
#define NAMED(name) name##_single
#include "laplacian.h"
#undef SAMPLE
#undef NAMED
#define SAMPLE double
#define NAMED(name) name##_double
#include "laplacian.h"
