/* All texture features of one box of grey levels: the one call that Python makes for each image. */
#include <math.h>
#include <stdlib.h>

#include "kernels.h"

#define NGTDM_SUMS 5
/* Rows of `out`: the pairs of each direction, the runs of each direction, zones, dependence, NGTDM. */
#define OUT_RUNS (DIRECTIONS * PAIR_SUMS)
#define OUT_ZONES (OUT_RUNS + DIRECTIONS * EMPHASES)
#define OUT_DEPENDENCE (OUT_ZONES + EMPHASES)
#define OUT_NGTDM (OUT_DEPENDENCE + EMPHASES)

static int level_at(const Box *box, size_t at) {
    return box->is_wide ? ((const uint16_t *)box->levels)[at] : ((const uint8_t *)box->levels)[at];
}

/* Whether any line of a direction meets two voxels of the lesion, however far apart; pyradiomics drops it if not. */
static int meets_twice(const Box *box, const int *to) {
    size_t row = (size_t)box->ni + 2, plane = row * ((size_t)box->nj + 2);
    for (int k = 1; k <= box->nk; k++)
        for (int j = 1; j <= box->nj; j++)
            for (int i = 1; i <= box->ni; i++) {
                if (!level_at(box, k * plane + j * row + (size_t)i))
                    continue;
                int z = k + to[0], y = j + to[1], x = i + to[2];
                while (z >= 1 && y >= 1 && x >= 1 && y <= box->nj && x <= box->ni) {
                    if (level_at(box, z * plane + y * row + (size_t)x))
                        return 1;
                    z += to[0], y += to[1], x += to[2];
                }
            }
    return 0;
}

/* Runs of one direction: of the voxels counted at length l, those that are no longer at l + 1 end there. */
static size_t run_entries(const Box *box, const Matrices *m, int d, Entry *entries) {
    size_t found = 0, longest = (size_t)m->longest;
    for (size_t length = 1; length <= longest; length++)
        for (int level = 1; level <= box->count; level++) {
            const uint32_t *counted = m->runs[d] + (size_t)level * longest;
            uint32_t runs = counted[length - 1] - (length < longest ? counted[length] : 0);
            if (runs)
                entries[found++] = (Entry){box->grey[level], (double)length, (double)runs, level};
        }
    return found;
}

static size_t zone_entries(const Box *box, const Matrices *m, Entry *entries) {
    size_t found = 0, levels = (size_t)box->count + 1;
    for (size_t size = 1; size < SMALL_ZONE; size++)
        for (int level = 1; level <= box->count; level++)
            if (m->zones[size * levels + (size_t)level])
                entries[found++] =
                    (Entry){box->grey[level], (double)size, (double)m->zones[size * levels + (size_t)level], level};
    for (size_t z = 0; z < m->large_count; z++) {
        int level = (int)(m->large[z] & 0xffff);
        entries[found++] = (Entry){box->grey[level], (double)(m->large[z] >> 16), 1, level};
        for (; z + 1 < m->large_count && m->large[z + 1] == m->large[z]; z++)
            entries[found - 1].count++;
    }
    return found;
}

static size_t dependence_entries(const Box *box, const Matrices *m, Entry *entries) {
    size_t found = 0;
    for (int equal = 0; equal <= MOST_NEIGHBOURS; equal++)
        for (int level = 1; level <= box->count; level++) {
            uint64_t voxels = m->dependences[level * (MOST_NEIGHBOURS + 1) + equal];
            if (voxels)
                entries[found++] = (Entry){box->grey[level], equal + 1.0, (double)voxels, level};
        }
    return found;
}

/* Busyness, coarseness, complexity, contrast, strength. */
static void neighbourhood_sums(const Box *box, const Matrices *m, double *out) {
    int n = box->count;
    double total = 0, all = 0, weighted = 0, contrast = 0, busyness = 0, complexity = 0, strength = 0;
    for (int i = 1; i <= n; i++)
        total += (double)m->voxels[i];
    for (int i = 1; i <= n; i++) {
        all += m->differences[i];
        weighted += (double)m->voxels[i] / total * m->differences[i];
    }
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= n; j++) {
            double p = (double)m->voxels[i] / total, q = (double)m->voxels[j] / total;
            double apart = box->grey[i] - box->grey[j];
            contrast += p * q * (apart * apart);
            busyness += fabs(box->grey[i] * p - box->grey[j] * q);
            complexity += fabs(apart) * (p * m->differences[i] + q * m->differences[j]) / (p + q);
            strength += (p + q) * (apart * apart);
        }
    double levels = (double)n * ((double)n - 1);
    out[0] = busyness != 0 ? weighted / busyness : 0;
    out[1] = weighted != 0 ? 1 / weighted : 1e6;
    out[2] = complexity / total;
    out[3] = levels != 0 ? contrast * all / total / levels : 0;
    out[4] = all != 0 ? strength / all : 0;
}

static int summed(const Box *box, const Matrices *m, double *out) {
    size_t levels = (size_t)box->count, most = levels * (size_t)m->longest;
    size_t zones = levels * SMALL_ZONE + m->large_count, dependence = levels * (MOST_NEIGHBOURS + 1);
    most = most > zones ? most : zones;
    most = most > dependence ? most : dependence;
    Entry *entries = malloc((most + 1) * sizeof *entries);
    double *by_level = malloc((levels + 1) * sizeof *by_level);
    int failed = !entries || !by_level ? -1 : 0;
    for (int d = 0; !failed && d < DIRECTIONS; d++) {
        int empty = pair_sums(box, m->pairs[d], out + d * PAIR_SUMS);
        failed = empty < 0 ? -1 : 0;
        for (int s = 0; empty > 0 && s < PAIR_SUMS; s++)
            out[d * PAIR_SUMS + s] = NAN;
        double *runs = out + OUT_RUNS + d * EMPHASES;
        if (!empty || meets_twice(box, DIRECTION[d]))
            emphases(entries, run_entries(box, m, d, entries), box->count, box->grey, by_level, runs);
        else
            for (int s = 0; s < EMPHASES; s++)
                runs[s] = NAN;
    }
    if (!failed) {
        emphases(entries, zone_entries(box, m, entries), box->count, box->grey, by_level, out + OUT_ZONES);
        emphases(entries, dependence_entries(box, m, entries), box->count, box->grey, by_level, out + OUT_DEPENDENCE);
        neighbourhood_sums(box, m, out + OUT_NGTDM);
    }
    free(entries), free(by_level);
    return failed;
}

int texture_features(const void *levels, int is_wide, int nk, int nj, int ni, int count, const double *grey,
                     double *out) {
    Box box = {levels, is_wide, nk, nj, ni, count, grey};
    Matrices matrices;
    int failed = count_matrices(&box, &matrices);
    if (!failed)
        failed = summed(&box, &matrices, out);
    free_matrices(&matrices);
    return failed;
}

/* The symmetric co-occurrence of one direction, counted alone: count by count. */
void co_occurrence(const void *levels, int is_wide, int nk, int nj, int ni, int count, int direction, double *out) {
    Box box = {levels, is_wide, nk, nj, ni, count, NULL};
    size_t row = (size_t)ni + 2, plane = row * ((size_t)nj + 2);
    const int *to = DIRECTION[direction];
    ptrdiff_t step = to[0] * (ptrdiff_t)plane + to[1] * (ptrdiff_t)row + to[2];
    for (int k = 1; k <= nk; k++)
        for (int j = 1; j <= nj; j++)
            for (int i = 1; i <= ni; i++) {
                size_t at = (size_t)k * plane + (size_t)j * row + (size_t)i;
                int c = level_at(&box, at), p = level_at(&box, (size_t)((ptrdiff_t)at + step));
                if (c && p) {
                    out[(size_t)(c - 1) * (size_t)count + (size_t)p - 1]++;
                    out[(size_t)(p - 1) * (size_t)count + (size_t)c - 1]++;
                }
            }
}
