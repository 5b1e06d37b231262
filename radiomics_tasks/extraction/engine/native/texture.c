/* One sweep over the box: all five texture matrices at once. */
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

const int DIRECTION[DIRECTIONS][3] = {
    {-1, 0, 0}, {0, -1, 0}, {0, 0, -1}, {0, -1, -1}, {0, -1, 1}, {-1, -1, -1}, {-1, -1, 0},
    {-1, -1, 1}, {-1, 0, -1}, {-1, 0, 1}, {-1, 1, -1}, {-1, 1, 0}, {-1, 1, 1},
};

/* Directions by their place in DIRECTION, for the decision which zones still have to be joined. */
enum { BELOW = 0, BEFORE = 1 };
#define AHEAD_OF_BEFORE 0x1c00u /* (-1, 1, *): not next to (0, -1, 0) */

static uint32_t root_of(uint32_t *parent, uint32_t one) {
    while (parent[one] != one) {
        parent[one] = parent[parent[one]];
        one = parent[one];
    }
    return one;
}

static void join(uint32_t *parent, uint32_t one, uint32_t other) {
    one = root_of(parent, one);
    other = root_of(parent, other);
    if (one < other)
        parent[other] = one;
    else
        parent[one] = other;
}

static int by_size(const void *a, const void *b) {
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

#define LEVEL uint8_t
#define NAMED(name) name##_narrow
#include "sweep.h"
#undef LEVEL
#undef NAMED
#define LEVEL uint16_t
#define NAMED(name) name##_wide
#include "sweep.h"

static int allocate(const Box *box, Matrices *m) {
    size_t levels = (size_t)box->count + 1;
    int longest = box->nk > box->nj ? box->nk : box->nj;
    m->longest = longest > box->ni ? longest : box->ni;
    for (int d = 0; d < DIRECTIONS; d++) {
        m->pairs[d] = calloc(levels * levels, sizeof *m->pairs[d]);
        m->runs[d] = calloc(levels * (size_t)m->longest, sizeof *m->runs[d]);
        if (!m->pairs[d] || !m->runs[d])
            return -1;
    }
    m->dependences = calloc(levels * (MOST_NEIGHBOURS + 1), sizeof *m->dependences);
    m->differences = calloc(levels, sizeof *m->differences);
    m->voxels = calloc(levels, sizeof *m->voxels);
    m->zones = calloc(levels * SMALL_ZONE, sizeof *m->zones);
    return m->dependences && m->differences && m->voxels && m->zones ? 0 : -1;
}

int count_matrices(const Box *box, Matrices *matrices) {
    memset(matrices, 0, sizeof *matrices);
    if (allocate(box, matrices))
        return -1;
    return box->is_wide ? sweep_wide(box, matrices) : sweep_narrow(box, matrices);
}

void free_matrices(Matrices *m) {
    for (int d = 0; d < DIRECTIONS; d++) {
        free(m->pairs[d]);
        free(m->runs[d]);
    }
    free(m->dependences);
    free(m->differences);
    free(m->voxels);
    free(m->zones);
    free(m->large);
    memset(m, 0, sizeof *m);
}
