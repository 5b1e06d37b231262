/* What is asked of the matrices: sums over levels by sizes, and over pairs of levels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

/* Order of `out`: short, long, grey non-uniformity, its ratio, size non-uniformity, its ratio, entries a voxel, grey
 * variance, size variance, entropy, low grey, high grey, short low, short high, long low, long high. */
void emphases(const Entry *entries, size_t length, int count, const double *grey, double *by_level, double *out) {
    double total = 0, voxels = 0, shorts = 0, longs = 0, sizes2 = 0, entropy = 0, mean_size = 0;
    double short_low = 0, short_high = 0, long_low = 0, long_high = 0;
    memset(by_level, 0, ((size_t)count + 1) * sizeof *by_level);
    for (size_t e = 0; e < length; e++)
        total += entries[e].count;
    double of_size = 0;
    for (size_t e = 0; e < length; e++) {
        const Entry *one = entries + e;
        double c = one->count, g2 = one->grey * one->grey, s2 = one->size * one->size, p = c / total;
        by_level[one->level] += c;
        of_size += c;
        if (e + 1 == length || entries[e + 1].size != one->size) {
            sizes2 += of_size * of_size;
            shorts += of_size / s2;
            longs += of_size * s2;
            voxels += of_size * one->size;
            of_size = 0;
        }
        entropy -= p * log2(p + EPS);
        short_low += c / (g2 * s2);
        short_high += c * g2 / s2;
        long_low += c * s2 / g2;
        long_high += c * (s2 * g2);
    }
    double levels2 = 0, low = 0, high = 0, mean_grey = 0, grey_variance = 0, size_variance = 0;
    for (int l = 1; l <= count; l++) {
        double c = by_level[l], g2 = grey[l] * grey[l];
        levels2 += c * c;
        low += c / g2;
        high += c * g2;
        mean_grey += c / total * grey[l];
    }
    mean_size = voxels / total;
    for (int l = 1; l <= count; l++)
        grey_variance += by_level[l] / total * (grey[l] - mean_grey) * (grey[l] - mean_grey);
    for (size_t e = 0; e < length; e++)
        size_variance += entries[e].count / total * (entries[e].size - mean_size) * (entries[e].size - mean_size);
    double all[EMPHASES] = {
        shorts / total, longs / total, levels2 / total, levels2 / (total * total), sizes2 / total,
        sizes2 / (total * total), total / voxels, grey_variance, size_variance, entropy, low / total, high / total,
        short_low / total, short_high / total, long_low / total, long_high / total,
    };
    memcpy(out, all, sizeof all);
}

/* Sums over the distributions of i + j and |i - j|, which are indexed by the value itself. */
static void of_sums_and_differences(const double *added, const double *apart, int highest, double mean, double *out) {
    double tendency = 0, shade = 0, prominence = 0, sum_average = 0, sum_entropy = 0;
    double average = 0, variance = 0, entropy = 0, contrast = 0, id = 0, idm = 0, idn = 0, idmn = 0, inverse = 0;
    double levels = (double)highest;
    for (int k = 2; k <= 2 * highest; k++) {
        if (added[k] == 0)
            continue;
        double off = (double)k - mean - mean, off2 = off * off;
        tendency += added[k] * off2;
        shade += added[k] * (off2 * off);
        prominence += added[k] * (off2 * off2);
        sum_average += (double)k * added[k];
        sum_entropy -= added[k] * log2(added[k] + EPS);
    }
    for (int k = 0; k < highest; k++)
        average += (double)k * apart[k];
    for (int k = 0; k < highest; k++) {
        double p = apart[k], value = (double)k, square = value * value;
        if (p == 0)
            continue;
        variance += p * (value - average) * (value - average);
        entropy -= p * log2(p + EPS);
        contrast += p * square;
        id += p / (1 + value);
        idm += p / (1 + square);
        idn += p / (1 + value / levels);
        idmn += p / (1 + square / (levels * levels));
        if (k)
            inverse += p / square;
    }
    double all[] = {prominence, shade, tendency, contrast, average, entropy, variance, id,
                    idm, idmn, idn, inverse, sum_average, sum_entropy};
    memcpy(out, all, sizeof all);
}

/* Both entropies of IMC2 cell by cell: where levels are all but independent, their difference is mere rounding. */
static void entropies_by_cell(const double *joint, const double *margin, int n, double *found, double *independent) {
    double one = 0, other = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double p = joint[i * n + j], q = margin[i] * margin[j];
            one += p * log2(p + EPS);
            other += q * log2(q + EPS);
        }
    *found = -one;
    *independent = -other;
}

/* Order of `out`: cluster prominence, shade, tendency, contrast, difference average, entropy, variance, id, idm, idmn,
 * idn, inverse variance, sum average, sum entropy; then autocorrelation, correlation, imc1, imc2, joint average,
 * energy, entropy, maximum, sum of squares and the maximal correlation coefficient.
 * A sum of p log2(q + eps) is split into sums over margins, with eps/q/ln 2 for what eps adds to the logarithm. */
int pair_sums(const Box *box, const uint32_t *pairs, double *out) {
    int n = box->count, highest = (int)box->grey[n];
    size_t wide = (size_t)n + 1;
    uint64_t counted = 0;
    for (int c = 1; c <= n; c++)
        for (int p = 1; p <= n; p++)
            counted += pairs[(size_t)c * wide + (size_t)p];
    if (!counted)
        return 1;
    double *joint = malloc((size_t)n * (size_t)n * sizeof *joint), *margin = calloc((size_t)n, sizeof *margin);
    double *added = calloc(2 * (size_t)highest + 1, sizeof *added), *apart = calloc((size_t)highest + 1, sizeof *apart);
    int failed = !joint || !margin || !added || !apart ? -1 : 0;
    if (!failed) {
        double total = 2.0 * (double)counted, log_total = log2(total);
        double auto_sum = 0, energy = 0, entropy = 0, maximum = 0, eps_joint = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j <= i; j++) {
                uint64_t one = pairs[((size_t)i + 1) * wide + (size_t)j + 1], other = pairs[((size_t)j + 1) * wide + (size_t)i + 1];
                double both = (double)(one + other), p = both / total, twice = i == j ? p : 2 * p;
                joint[i * n + j] = joint[j * n + i] = p;
                if (both == 0)
                    continue;
                int gi = (int)box->grey[i + 1], gj = (int)box->grey[j + 1];
                margin[i] += p;
                if (i != j)
                    margin[j] += p;
                added[gi + gj] += twice;
                apart[gi - gj] += twice;
                auto_sum += twice * ((double)gi * (double)gj);
                energy += twice * p;
                entropy -= twice * (log2(both) - log_total);
                eps_joint += i == j ? 1 : 2;
                maximum = p > maximum ? p : maximum;
            }
        entropy -= eps_joint * EPS / LN2;
        double mean = 0, squares = 0, covariance = 0, of_margin = 0, plain = 0, active = 0, eps_cross = 0;
        for (int i = 0; i < n; i++) {
            mean += box->grey[i + 1] * margin[i];
            if (margin[i] > 0) {
                of_margin -= margin[i] * log2(margin[i] + EPS);
                plain -= margin[i] * log2(margin[i]);
                active++;
            }
        }
        for (int i = 0; i < n; i++) {
            double off = box->grey[i + 1] - mean, inner = 0, cross = 0;
            squares += margin[i] * off * off;
            for (int j = 0; j < n; j++) {
                inner += joint[i * n + j] * (box->grey[j + 1] - mean);
                cross += margin[j] > 0 ? joint[i * n + j] / margin[j] : 0;
            }
            covariance += inner * off;
            eps_cross += margin[i] > 0 ? cross / margin[i] : 0;
        }
        double hxy1 = 2 * plain - eps_cross * EPS / LN2, hxy2 = 2 * plain - active * active * EPS / LN2;
        double correlation = squares == 0 ? 1 : covariance / (squares + EPS);
        double imc1 = of_margin != 0 ? (entropy - hxy1) / of_margin : 0;
        double joint_entropy = entropy;
        if (fabs(hxy2 - entropy) < 1e-9)
            entropies_by_cell(joint, margin, n, &joint_entropy, &hxy2);
        double imc2 = hxy2 == joint_entropy ? 0 : sqrt(1 - exp(-2 * (hxy2 - joint_entropy)));
        double rest[] = {auto_sum, correlation, imc1, imc2, mean, energy, entropy, maximum, squares};
        of_sums_and_differences(added, apart, highest, mean, out);
        memcpy(out + 14, rest, sizeof rest);
        failed = correlation_coefficient(joint, margin, n, out + PAIR_SUMS - 1);
    }
    free(joint), free(margin), free(added), free(apart);
    return failed;
}
