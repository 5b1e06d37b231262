/* The sweep for one width of grey levels: included once for bytes, once for 16-bit words. */

/* Where a row's voxels equal their neighbours of one direction, and what follows for runs and dependence. */
static void NAMED(compare)(const LEVEL *restrict row, const LEVEL *restrict near, const uint16_t *restrict run_near,
                           uint16_t *restrict run, uint16_t *restrict equal, uint8_t *restrict own,
                           uint8_t *restrict theirs, int ni, int d) {
    for (int i = 0; i < ni; i++) {
        uint16_t same = (uint16_t)((row[i] == near[i]) & (row[i] != 0));
        equal[i] = (uint16_t)(equal[i] | (same << d));
        run[i] = (uint16_t)((run_near[i] + 1) & -same);
        own[i] = (uint8_t)(own[i] + same);
        theirs[i] = (uint8_t)(theirs[i] + same);
    }
}

/* Direction (0, 0, -1), whose run goes on within the row; what equals its neighbour is one array for both voxels. */
static void NAMED(compare_along)(const LEVEL *row, uint16_t *run, uint16_t *equal, uint8_t *dependence, int ni, int d) {
    uint16_t length = 0;
    for (int i = 0; i < ni; i++) {
        uint16_t same = (uint16_t)((row[i] == row[i - 1]) & (row[i] != 0));
        length = (uint16_t)((length + 1) & -same);
        run[i] = length;
        equal[i] = (uint16_t)(equal[i] | (same << d));
        dependence[i] = (uint8_t)(dependence[i] + same);
        dependence[i - 1] = (uint8_t)(dependence[i - 1] + same);
    }
}

/* The voxels of one row into the pairs and runs of all directions. */
static void NAMED(count_row)(const LEVEL *row, const ptrdiff_t *step, uint16_t *const *run, int ni, Matrices *m,
                             size_t levels) {
    size_t longest = (size_t)m->longest;
    for (int i = 0; i < ni; i++) {
        size_t c = row[i];
        if (!c)
            continue;
        m->voxels[c]++;
        for (int d = 0; d < DIRECTIONS; d++) {
            m->pairs[d][c * levels + row[i + step[d]]]++;
            m->runs[d][c * longest + run[d][i]]++;
        }
    }
}

/* Zones: each voxel joins those neighbours that are not joined already through one of the others. */
static void NAMED(join_row)(uint32_t *parent, uint32_t first, const uint16_t *equal, const ptrdiff_t *step, int ni) {
    for (int i = 0; i < ni; i++) {
        uint32_t here = first + (uint32_t)i, bits = equal[i];
        parent[here] = here;
        if (!bits)
            continue;
        if (bits & (1u << BELOW))
            bits = 1u << BELOW;
        else if (bits & (1u << BEFORE))
            bits &= (1u << BEFORE) | AHEAD_OF_BEFORE;
        while (bits) {
            int d = __builtin_ctz(bits);
            bits &= bits - 1;
            join(parent, (uint32_t)((ptrdiff_t)here + step[d]), here);
        }
    }
}

/* NGTDM and GLDM, once every neighbour has been counted: level sum and number of neighbours travel in one word. */
static int NAMED(neighbourhoods)(const Box *box, const LEVEL *levels, const uint8_t *dependence, Matrices *m) {
    int nk = box->nk, nj = box->nj, ni = box->ni;
    size_t row = (size_t)ni + 2, plane = row * ((size_t)nj + 2);
    uint32_t *packed = calloc(((size_t)box->count + 1), sizeof *packed);
    uint32_t *sums = calloc(plane * 3, sizeof *sums), *across = calloc(plane, sizeof *across);
    if (!packed || !sums || !across) {
        free(packed), free(sums), free(across);
        return -1;
    }
    for (int c = 1; c <= box->count; c++)
        packed[c] = ((uint32_t)box->grey[c] << 5) | 1u;
    for (int k = 0; k < nk + 2; k++) {
        const LEVEL *at = levels + plane * (size_t)k;
        uint32_t *sum = sums + plane * (size_t)(k % 3);
        for (size_t p = 1; p + 1 < plane; p++)
            across[p] = packed[at[p - 1]] + packed[at[p]] + packed[at[p + 1]];
        for (size_t p = row; p + row < plane; p++)
            sum[p] = across[p - row] + across[p] + across[p + row];
        if (k < 2)
            continue;
        const LEVEL *middle = levels + plane * (size_t)(k - 1);
        const uint8_t *equal = dependence + plane * (size_t)(k - 1);
        for (size_t p = row; p + row < plane; p++) {
            size_t c = middle[p];
            if (!c)
                continue;
            uint32_t around = sums[p] + sums[plane + p] + sums[2 * plane + p] - packed[c];
            uint32_t neighbours = around & 31u;
            if (neighbours) {
                double apart = box->grey[c] - (double)(around >> 5) / (double)neighbours;
                m->differences[c] += apart < 0 ? -apart : apart;
            }
            m->dependences[c * (MOST_NEIGHBOURS + 1) + equal[p]]++;
        }
    }
    free(packed), free(sums), free(across);
    return 0;
}

static int NAMED(count_zones)(const LEVEL *levels, uint32_t *parent, size_t voxels, Matrices *m, size_t count) {
    uint32_t *size = calloc(voxels, sizeof *size);
    size_t large = 0;
    if (!size)
        return -1;
    for (size_t v = 0; v < voxels; v++)
        if (levels[v]) {
            parent[v] = parent[parent[v]]; /* earlier voxels point at their roots already */
            size[parent[v]]++;
        }
    for (size_t v = 0; v < voxels; v++)
        if (size[v] >= SMALL_ZONE)
            large++;
        else if (size[v])
            m->zones[size[v] * count + levels[v]]++;
    m->large = malloc((large ? large : 1) * sizeof *m->large);
    if (!m->large) {
        free(size);
        return -1;
    }
    for (size_t v = 0; v < voxels; v++)
        if (size[v] >= SMALL_ZONE)
            m->large[m->large_count++] = ((uint64_t)size[v] << 16) | levels[v];
    qsort(m->large, m->large_count, sizeof *m->large, by_size);
    free(size);
    return 0;
}

static int NAMED(sweep)(const Box *box, Matrices *m) {
    const LEVEL *levels = box->levels;
    int nj = box->nj, ni = box->ni;
    size_t row = (size_t)ni + 2, plane = row * ((size_t)nj + 2), voxels = plane * ((size_t)box->nk + 2);
    ptrdiff_t step[DIRECTIONS];
    for (int d = 0; d < DIRECTIONS; d++)
        step[d] = DIRECTION[d][0] * (ptrdiff_t)plane + DIRECTION[d][1] * (ptrdiff_t)row + DIRECTION[d][2];
    uint16_t *run_planes = calloc(plane * DIRECTIONS * 2, sizeof *run_planes);
    uint16_t *equal = malloc(row * sizeof *equal);
    uint8_t *dependence = calloc(voxels, sizeof *dependence);
    uint32_t *parent = malloc(voxels * sizeof *parent);
    int failed = !run_planes || !equal || !dependence || !parent ? -1 : 0;
    for (int k = 1; !failed && k <= box->nk; k++) {
        uint16_t *now = run_planes + (k & 1 ? plane * DIRECTIONS : 0);
        uint16_t *then = run_planes + (k & 1 ? 0 : plane * DIRECTIONS);
        for (int j = 1; j <= nj; j++) {
            size_t in_plane = (size_t)j * row + 1, first = (size_t)k * plane + in_plane;
            const LEVEL *at = levels + first;
            uint16_t *run[DIRECTIONS];
            memset(equal, 0, row * sizeof *equal);
            for (int d = 0; d < DIRECTIONS; d++) {
                const int *to = DIRECTION[d];
                uint16_t *plane_of_runs = (to[0] ? then : now) + plane * (size_t)d;
                run[d] = now + plane * (size_t)d + in_plane;
                if (!to[0] && !to[1])
                    NAMED(compare_along)(at, run[d], equal, dependence + first, ni, d);
                else
                    NAMED(compare)(at, at + step[d], plane_of_runs + in_plane + to[1] * (ptrdiff_t)row + to[2], run[d],
                                   equal, dependence + first, dependence + first + step[d], ni, d);
            }
            NAMED(count_row)(at, step, run, ni, m, (size_t)box->count + 1);
            NAMED(join_row)(parent, (uint32_t)first, equal, step, ni);
        }
    }
    free(run_planes), free(equal);
    if (!failed)
        failed = NAMED(neighbourhoods)(box, levels, dependence, m);
    free(dependence);
    if (!failed)
        failed = NAMED(count_zones)(levels, parent, voxels, m, (size_t)box->count + 1);
    free(parent);
    return failed;
}
