/* The surface of a mask: its cubes by kind, and the largest distances between its mesh's corners. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

/* Corners of a cube as (k, j, i), in the order of the bits of its kind. */
static const int CORNER[8][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 1}, {0, 1, 0}, {1, 0, 0}, {1, 0, 1}, {1, 1, 1}, {1, 1, 0}};

/* For each kind of cube how many there are and the sums of their positions: out[kind * 4] count, k, j, i.
 * `mask` has a border of zeros and its sizes include it. */
void cube_kinds(const uint8_t *mask, int nk, int nj, int ni, int64_t *out) {
    size_t row = (size_t)ni, plane = row * (size_t)nj, step[8];
    for (int c = 0; c < 8; c++)
        step[c] = (size_t)CORNER[c][0] * plane + (size_t)CORNER[c][1] * row + (size_t)CORNER[c][2];
    for (int k = 0; k + 1 < nk; k++)
        for (int j = 0; j + 1 < nj; j++)
            for (int i = 0; i + 1 < ni; i++) {
                const uint8_t *at = mask + (size_t)k * plane + (size_t)j * row + (size_t)i;
                unsigned kind = 0;
                for (int c = 0; c < 8; c++)
                    kind |= (unsigned)at[step[c]] << c;
                int64_t *found = out + kind * 4;
                found[0]++, found[1] += k, found[2] += j, found[3] += i;
            }
}

typedef struct {
    int low, high; /* doubled places of the outermost corners along one line; low > high: none */
} Span;

static void widen(Span *span, int place) {
    if (place < span->low)
        span->low = place;
    if (place > span->high)
        span->high = place;
}

/* Lines along i by (k, j), and lines along j by (k, i): where a voxel and its neighbour differ there is a corner. */
static void spans_of(const uint8_t *mask, int nk, int nj, int ni, Span *along_i, Span *along_j) {
    size_t row = (size_t)ni, plane = row * (size_t)nj;
    const int step[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    for (int k = 0; k + 1 < nk; k++)
        for (int j = 0; j + 1 < nj; j++)
            for (int i = 0; i + 1 < ni; i++) {
                const uint8_t *at = mask + (size_t)k * plane + (size_t)j * row + (size_t)i;
                unsigned differs = (unsigned)(at[0] ^ at[plane]) | (unsigned)(at[0] ^ at[row]) << 1 |
                                   (unsigned)(at[0] ^ at[1]) << 2;
                for (int a = 0; differs; a++, differs >>= 1)
                    if (differs & 1) {
                        int kk = 2 * k + step[a][0], jj = 2 * j + step[a][1], ii = 2 * i + step[a][2];
                        widen(along_i + (size_t)kk * 2 * (size_t)nj + (size_t)jj, ii);
                        widen(along_j + (size_t)kk * 2 * (size_t)ni + (size_t)ii, jj);
                    }
            }
}

static int64_t turn(const int64_t *a, const int64_t *b, const int64_t *c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/* Convex hull of the ends of spans (line, place), lines rising: both chains; returns the number of points. */
static size_t hull_of(const Span *spans, size_t stride, int lines, int64_t (*hull)[2]) {
    size_t count = 0;
    for (int side = 0; side < 2; side++) {
        size_t base = count;
        for (int line = 0; line < lines; line++) {
            const Span *span = spans + (size_t)line * stride;
            if (span->low > span->high)
                continue;
            int64_t point[2] = {line, side ? span->high : span->low};
            while (count >= base + 2) {
                int64_t bend = turn(hull[count - 2], hull[count - 1], point);
                if (side ? bend < 0 : bend > 0)
                    break;
                count--;
            }
            hull[count][0] = point[0], hull[count][1] = point[1];
            count++;
        }
    }
    return count;
}

/* Largest squared distance between points of one plane. */
static double widest(int64_t (*hull)[2], size_t count, double line_mm, double place_mm) {
    double most = 0;
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < a; b++) {
            double y = (double)(hull[a][0] - hull[b][0]) * line_mm, x = (double)(hull[a][1] - hull[b][1]) * place_mm;
            double apart = y * y + x * x;
            most = apart > most ? apart : most;
        }
    return most;
}

typedef struct {
    double radius, k, j, i;
} Corner;

static int by_radius(const void *a, const void *b) {
    double one = ((const Corner *)a)->radius, other = ((const Corner *)b)->radius;
    return (one < other) - (one > other);
}

/* Largest squared distance between corners: those farthest from the middle first, until no pair can be longer. */
static double longest(Corner *corners, size_t count, const double *middle) {
    double most = 0;
    for (size_t c = 0; c < count; c++) {
        double k = corners[c].k - middle[0], j = corners[c].j - middle[1], i = corners[c].i - middle[2];
        corners[c].radius = sqrt(k * k + j * j + i * i);
    }
    qsort(corners, count, sizeof *corners, by_radius);
    for (size_t a = 1; a < count; a++) {
        const Corner *one = corners + a;
        double reach = one->radius + corners[0].radius;
        if (reach * reach * (1 + 1e-12) < most)
            break;
        for (size_t b = 0; b < a; b++) {
            double k = one->k - corners[b].k, j = one->j - corners[b].j, i = one->i - corners[b].i;
            double apart = k * k + j * j + i * i;
            most = apart > most ? apart : most;
        }
    }
    return most;
}

/* Largest distances within a plane of constant k, j and i, and of all corners (mm). */
int mesh_diameters(const uint8_t *mask, int nk, int nj, int ni, const double *spacing, double *out) {
    size_t lines_i = 4 * (size_t)nk * (size_t)nj, lines_j = 4 * (size_t)nk * (size_t)ni;
    size_t most_lines = 2 * (size_t)(nk > nj ? (nk > ni ? nk : ni) : (nj > ni ? nj : ni));
    Span *along_i = malloc((lines_i + lines_j) * sizeof *along_i), *along_j = along_i + lines_i;
    int64_t (*hull)[2] = malloc(2 * most_lines * sizeof *hull);
    Corner *corners = malloc(2 * lines_i * sizeof *corners);
    if (!along_i || !hull || !corners) {
        free(along_i), free(hull), free(corners);
        return -1;
    }
    for (size_t s = 0; s < lines_i + lines_j; s++)
        along_i[s] = (Span){1 << 30, -1};
    spans_of(mask, nk, nj, ni, along_i, along_j);
    double mm[3] = {spacing[0] / 2, spacing[1] / 2, spacing[2] / 2};
    double most[4] = {0, 0, 0, 0}, middle[3] = {mm[0] * nk, mm[1] * nj, mm[2] * ni};
    size_t found = 0;
    for (int kk = 0; kk < 2 * nk; kk++) {
        size_t count = hull_of(along_i + (size_t)kk * 2 * (size_t)nj, 1, 2 * nj, hull);
        most[0] = fmax(most[0], widest(hull, count, mm[1], mm[2]));
        for (size_t h = 0; h < count; h++)
            corners[found++] = (Corner){0, kk * mm[0], (double)hull[h][0] * mm[1], (double)hull[h][1] * mm[2]};
    }
    for (int jj = 0; jj < 2 * nj; jj++)
        most[1] = fmax(most[1], widest(hull, hull_of(along_i + jj, 2 * (size_t)nj, 2 * nk, hull), mm[0], mm[2]));
    for (int ii = 0; ii < 2 * ni; ii++)
        most[2] = fmax(most[2], widest(hull, hull_of(along_j + ii, 2 * (size_t)ni, 2 * nk, hull), mm[0], mm[1]));
    most[3] = longest(corners, found, middle);
    for (int m = 0; m < 4; m++)
        out[m] = sqrt(most[m]);
    free(along_i), free(hull), free(corners);
    return 0;
}
