/* What the kernels share: the thirteen directions, the padded box of grey levels, and the sums over matrices.
 *
 * Every function returns 0, or -1 where memory ran out. Sums run in one order, whatever thread calls them.
 */
#ifndef DELTARAD_KERNELS_H
#define DELTARAD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* The loops over whole images are compiled once more for wider registers, and the machine chooses when it loads them;
 * without contraction both give the same bits. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(ONE_VERSION)
#define CLONED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONED
#endif

#define DIRECTIONS 13
#define MOST_NEIGHBOURS 26
#define EPS 2.220446049250313e-16 /* pyradiomics adds it under every logarithm */
#define LN2 0.6931471805599453

/* One half of the 26 neighbours, as (k, j, i): those that come earlier in memory. */
extern const int DIRECTION[DIRECTIONS][3];

/* A box of grey levels with a border of one zero voxel on each side; 0: outside the lesion, 1..count: its levels,
 * numbered without gaps. `grey` has the level of pyradiomics for each number, from index 1. */
typedef struct {
    const void *levels;
    int is_wide; /* levels are uint16, not uint8 */
    int nk, nj, ni; /* without the border */
    int count;
    const double *grey;
} Box;

/* Co-occurrence of one direction: how often level p precedes level c, at [c * (count + 1) + p]. */
typedef struct {
    uint32_t *pairs[DIRECTIONS];
    uint32_t *runs[DIRECTIONS]; /* voxels at each running length less one: [level * longest + length - 1] */
    uint64_t *dependences; /* [level * 27 + equal neighbours] */
    double *differences; /* NGTDM's s, by level */
    uint64_t *voxels; /* by level */
    uint32_t *zones; /* small ones: [size * (count + 1) + level] */
    uint64_t *large; /* the others: size << 16 | level, sorted */
    size_t large_count;
    int longest;
} Matrices;

#define SMALL_ZONE 64

/* Count `matrices` of a box; the caller frees them with `free_matrices`, also after -1. */
int count_matrices(const Box *box, Matrices *matrices);
void free_matrices(Matrices *matrices);

/* Entries of a matrix of levels by sizes, all of one size together, sizes rising. */
typedef struct {
    double grey, size, count;
    int level;
} Entry;

#define EMPHASES 16
/* The sixteen sums of a matrix of levels by sizes; `by_level` has room for count + 1. */
void emphases(const Entry *entries, size_t length, int count, const double *grey, double *by_level, double *out);

#define PAIR_SUMS 24
/* The sums of one direction's co-occurrence; returns 1 where the direction has no pairs. */
int pair_sums(const Box *box, const uint32_t *pairs, double *out);

/* Maximal correlation coefficient of one symmetric matrix of probabilities (n by n); NaN where it did not settle. */
int correlation_coefficient(const double *joint, const double *margin, int n, double *out);

#endif
