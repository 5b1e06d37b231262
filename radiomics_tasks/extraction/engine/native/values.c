/* Grey values of a lesion: bins, and sums over all its voxels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

#define BLOCK 256

/* The bin of each value, numbered from 1: the last edge that is not above it, as a search through all edges finds. */
void discretise(const double *values, size_t length, const double *edges, int edge_count, int32_t *bins) {
    double first = edges[0], scale = edge_count > 1 ? 1.0 / (edges[1] - edges[0]) : 0;
    for (size_t v = 0; v < length; v++) {
        double value = values[v], guess = (value - first) * scale;
        int bin = guess >= edge_count ? edge_count : guess > 0 ? (int)guess + 1 : 1;
        while (bin < edge_count && edges[bin] <= value)
            bin++;
        while (bin > 0 && edges[bin - 1] > value)
            bin--;
        bins[v] = bin;
    }
}

/* How many voxels each bin has; then each voxel's rank among the bins that have any. */
void count_bins(const int32_t *bins, size_t length, int64_t *counts) {
    for (size_t v = 0; v < length; v++)
        counts[bins[v]]++;
}

void place_narrow(const int32_t *bins, const int64_t *places, size_t length, const int32_t *rank, uint8_t *box) {
    for (size_t v = 0; v < length; v++)
        box[places[v]] = (uint8_t)rank[bins[v]];
}

void place_wide(const int32_t *bins, const int64_t *places, size_t length, const int32_t *rank, uint16_t *box) {
    for (size_t v = 0; v < length; v++)
        box[places[v]] = (uint16_t)rank[bins[v]];
}

/* Sums by blocks of doubles, the blocks in extended precision: a mean near nought keeps its digits. */
#define SUMMED(result, expression)                                                                                     \
    do {                                                                                                               \
        long double whole = 0;                                                                                         \
        for (size_t start = 0; start < length; start += BLOCK) {                                                       \
            size_t end = start + BLOCK < length ? start + BLOCK : length;                                              \
            double part = 0;                                                                                           \
            for (size_t v = start; v < end; v++)                                                                       \
                part += (expression);                                                                                  \
            whole += part;                                                                                             \
        }                                                                                                              \
        result = (double)whole;                                                                                        \
    } while (0)

/* Mean, mean absolute deviation, second, third and fourth central moment, and the sum of squares after a shift. */
void moments(const double *values, size_t length, double shift, double *out) {
    double sum, count = (double)length;
    SUMMED(sum, values[v]);
    double mean = sum / count;
    double absolute, second, third, fourth, squares;
    SUMMED(absolute, fabs(values[v] - mean));
    SUMMED(second, (values[v] - mean) * (values[v] - mean));
    SUMMED(third, (values[v] - mean) * (values[v] - mean) * (values[v] - mean));
    SUMMED(fourth, (values[v] - mean) * (values[v] - mean) * ((values[v] - mean) * (values[v] - mean)));
    SUMMED(squares, (values[v] + shift) * (values[v] + shift));
    double all[] = {mean, absolute / count, second / count, third / count, fourth / count, squares};
    memcpy(out, all, sizeof all);
}
