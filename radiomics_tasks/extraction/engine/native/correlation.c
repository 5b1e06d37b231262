/* GLCM's maximal correlation coefficient: root of the second largest eigenvalue of
 * Q[i, j] = sum over k of P[i, k] P[j, k] / (p[i] p[k] + eps).
 *
 * Without eps, Q is similar to the square of the symmetric A[i, j] = P[i, j] / sqrt(p[i] p[j]), whose second largest
 * eigenvalue by size is found by tridiagonal form and bisection. eps moves it by up to 1e-4 where a level is nearly
 * empty: inverse iteration on Q itself, scaled to be as good as symmetric, starts from there.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define SOLVES 60
#define SETTLED 1e-14
#define CLOSE 1e-4 /* eigenvalues this near each other, 0 or 1 are left to the whole matrix */

/* Householder's reduction of a symmetric matrix (overwritten) to `diagonal` and `beside`. */
static void tridiagonal(double *a, int n, double *diagonal, double *beside, double *work) {
    for (int k = 0; k < n - 2; k++) {
        double norm2 = 0, *column = work, *image = work + n;
        for (int i = k + 2; i < n; i++)
            norm2 += a[i * n + k] * a[i * n + k];
        double head = a[(k + 1) * n + k];
        if (norm2 == 0) {
            beside[k] = head;
            continue;
        }
        double norm = sqrt(norm2 + head * head), turned = head > 0 ? -norm : norm;
        double length2 = 2 * (norm * norm - turned * head);
        column[k + 1] = head - turned;
        for (int i = k + 2; i < n; i++)
            column[i] = a[i * n + k];
        double dot = 0, scale = 2 / length2;
        for (int i = k + 1; i < n; i++) {
            double sum = 0;
            for (int j = k + 1; j < n; j++)
                sum += a[i * n + j] * column[j];
            image[i] = scale * sum;
            dot += image[i] * column[i];
        }
        for (int i = k + 1; i < n; i++)
            image[i] -= 0.5 * scale * dot * column[i];
        for (int i = k + 1; i < n; i++)
            for (int j = k + 1; j < n; j++)
                a[i * n + j] -= column[i] * image[j] + image[i] * column[j];
        beside[k] = turned;
    }
    for (int i = 0; i < n; i++)
        diagonal[i] = a[i * n + i];
    if (n > 1)
        beside[n - 2] = a[(n - 1) * n + n - 2];
}

/* How many eigenvalues of the tridiagonal matrix are smaller than x. */
static int smaller(const double *diagonal, const double *beside, int n, double x) {
    int found = 0;
    double pivot = 1;
    for (int i = 0; i < n; i++) {
        double off = i ? beside[i - 1] * beside[i - 1] : 0;
        pivot = diagonal[i] - x - (i ? off / pivot : 0);
        if (pivot == 0)
            pivot = 1e-300;
        found += pivot < 0;
    }
    return found;
}

/* The eigenvalue with `below` others under it; all lie within [-1.5, 1.5]. */
static double bisected(const double *diagonal, const double *beside, int n, int below) {
    double low = -1.5, high = 1.5;
    for (int step = 0; step < 60; step++) {
        double middle = 0.5 * (low + high);
        if (smaller(diagonal, beside, n, middle) > below)
            high = middle;
        else
            low = middle;
    }
    return 0.5 * (low + high);
}

/* The second and third largest eigenvalue by size; the largest is 1. */
static void second_and_third(const double *diagonal, const double *beside, int n, double *second, double *third) {
    double top = bisected(diagonal, beside, n, n - 2), bottom = bisected(diagonal, beside, n, 0);
    *third = 0;
    if (fabs(bottom) > fabs(top)) {
        *second = bottom;
        double next = n > 2 ? bisected(diagonal, beside, n, 1) : 0;
        *third = n > 2 ? fmax(fabs(top), fabs(next)) : 0;
    } else {
        *second = top;
        double next = n > 2 ? bisected(diagonal, beside, n, n - 3) : 0;
        *third = n > 2 ? fmax(fabs(bottom), fabs(next)) : 0;
    }
}

/* LU in place with row exchanges; 0 pivots become tiny ones, as an inverse iteration wants them. */
static void factorise(double *m, int n, int *order) {
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(m[i * n + k]) > fabs(m[best * n + k]))
                best = i;
        order[k] = best;
        if (best != k)
            for (int j = 0; j < n; j++) {
                double kept = m[k * n + j];
                m[k * n + j] = m[best * n + j];
                m[best * n + j] = kept;
            }
        if (fabs(m[k * n + k]) < 1e-18)
            m[k * n + k] = 1e-18;
        for (int i = k + 1; i < n; i++) {
            double factor = m[i * n + k] /= m[k * n + k];
            if (factor == 0)
                continue;
            for (int j = k + 1; j < n; j++)
                m[i * n + j] -= factor * m[k * n + j];
        }
    }
}

static void solve(const double *m, int n, const int *order, double *x) {
    for (int k = 0; k < n; k++) {
        double kept = x[k];
        x[k] = x[order[k]];
        x[order[k]] = kept;
    }
    for (int i = 1; i < n; i++) {
        double sum = x[i];
        for (int j = 0; j < i; j++)
            sum -= m[i * n + j] * x[j];
        x[i] = sum;
    }
    for (int i = n - 1; i >= 0; i--) {
        double sum = x[i];
        for (int j = i + 1; j < n; j++)
            sum -= m[i * n + j] * x[j];
        x[i] = sum / m[i * n + i];
    }
}

/* The eigenvalue of `m` (overwritten) next to a guess; NaN where it does not settle. */
static double nearest(double *m, int n, double guess, double *vectors, int *order) {
    double *x = vectors, *y = vectors + n, found = guess, before = 2;
    for (int i = 0; i < n; i++)
        m[i * n + i] -= guess;
    factorise(m, n, order);
    for (int i = 0; i < n; i++)
        x[i] = 1.0 + 0.37 * sin(1.0 + 2.3 * i);
    for (int step = 0; step < SOLVES; step++) {
        double norm2 = 0, dot = 0;
        for (int i = 0; i < n; i++)
            norm2 += x[i] * x[i];
        double scale = 1 / sqrt(norm2);
        for (int i = 0; i < n; i++)
            y[i] = x[i] *= scale;
        solve(m, n, order, y);
        for (int i = 0; i < n; i++)
            dot += x[i] * y[i];
        found = guess + 1 / dot;
        if (step > 2 && fabs(found - before) <= SETTLED)
            return found;
        before = found;
        memcpy(x, y, (size_t)n * sizeof *x);
    }
    return NAN;
}

/* Levels that have pairs, packed; the others only add zeros to the eigenvalues. */
static int packed(const double *joint, const double *margin, int n, double *joint_out, double *margin_out) {
    int active = 0;
    for (int i = 0; i < n; i++) {
        if (margin[i] <= 0)
            continue;
        int at = 0;
        for (int j = 0; j < n; j++)
            if (margin[j] > 0)
                joint_out[active * n + at++] = joint[i * n + j];
        margin_out[active++] = margin[i];
    }
    for (int i = 1; i < active; i++)
        memmove(joint_out + i * active, joint_out + i * n, (size_t)active * sizeof *joint_out);
    return active;
}

int correlation_coefficient(const double *joint, const double *margin, int n, double *out) {
    size_t cells = (size_t)n * (size_t)n;
    double *room = malloc((3 * cells + 6 * (size_t)n) * sizeof *room);
    int *order = malloc((size_t)n * sizeof *order);
    if (!room || !order) {
        free(room), free(order);
        return -1;
    }
    double *p = room, *a = room + cells, *q = room + 2 * cells, *own = room + 3 * cells, *work = own + n;
    int m = packed(joint, margin, n, p, own);
    double value = n < 2 ? 1 : 0;
    if (m > 1) {
        double *diagonal = work + 2 * n, *beside = diagonal + n;
        for (int i = 0; i < m; i++)
            for (int j = 0; j < m; j++)
                a[i * m + j] = p[i * m + j] / sqrt(own[i] * own[j]);
        tridiagonal(a, m, diagonal, beside, work);
        double guess, third;
        second_and_third(diagonal, beside, m, &guess, &third);
        /* B[i, k] = P[i, k] / (p[i] p[k] + eps) * sqrt(p[i]); Q scaled = B times (P / sqrt(p)) transposed. */
        memset(q, 0, (size_t)m * (size_t)m * sizeof *q);
        for (int j = 0; j < m; j++)
            for (int k = 0; k < m; k++)
                a[k * m + j] = p[j * m + k] / sqrt(own[j]);
        for (int i = 0; i < m; i++)
            for (int k = 0; k < m; k++) {
                double b = p[i * m + k] / (own[i] * own[k] + EPS) * sqrt(own[i]);
                if (b != 0)
                    for (int j = 0; j < m; j++)
                        q[i * m + j] += b * a[k * m + j];
            }
        double guess2 = guess * guess, gap = fmin(guess2 - third * third, 1 - guess2);
        value = nearest(q, m, guess2, work, order);
        if (!(gap > CLOSE && 4 * fabs(value - guess2) < gap))
            value = NAN; /* eps might have exchanged it with one of its neighbours */
    }
    *out = sqrt(value);
    free(room), free(order);
    return 0;
}
