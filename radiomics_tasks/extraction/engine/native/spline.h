/* What depends on the precision of an image's voxels: included once for each. */

/* Coefficients of what is asked for, as doubles over (k, j, i) from each axis' `low`; NULL where memory ran out. */
static double *NAMED(coefficients)(const SAMPLE *image, const Axis *axes) {
    const Axis *k = axes, *j = axes + 1, *i = axes + 2;
    size_t row = (size_t)(i->high - i->low), rows = (size_t)(j->high - j->low);
    int longest = k->size > j->size ? k->size : j->size;
    longest = longest > i->size ? longest : i->size;
    size_t in_plane = (size_t)j->size * (size_t)i->size;
    double *plane = malloc(in_plane * sizeof *plane), *half = malloc((size_t)j->size * row * sizeof *half);
    double *flat = malloc((size_t)k->size * rows * row * sizeof *flat);
    double *room = calloc((size_t)longest * LANES, sizeof *room);
    if (!plane || !half || !flat || !room) {
        free(plane), free(half), free(flat), free(room);
        return NULL;
    }
    for (int at = 0; at < k->size; at++) {
        for (size_t v = 0; v < in_plane; v++)
            plane[v] = image[(size_t)at * in_plane + v];
        along(plane, 1, i->size, half, 1, (ptrdiff_t)row, j->size, i, room);
        along(half, (ptrdiff_t)row, 1, flat + (size_t)at * rows * row, (ptrdiff_t)row, 1, (int)row, j, room);
    }
    free(plane), free(half);
    /* In place: a line is read whole before any of it is written. */
    ptrdiff_t apart = (ptrdiff_t)(rows * row);
    along(flat, apart, 1, flat, apart, 1, (int)(rows * row), k, room);
    free(room);
    return flat;
}

static void NAMED(weigh_all)(const double *flat, const Axis *axes, size_t wide, const double *wi, double *spread_rows,
                             double *line, SAMPLE *out) {
    const Axis *k = axes, *j = axes + 1, *i = axes + 2;
    int row = i->high - i->low, rows = j->high - j->low, held[TAPS] = {-1, -1, -1, -1};
    size_t one = (size_t)rows * TAPS * wide;
    for (int z = 0; z < k->count; z++) {
        /* Four planes in sequence, or mirrored ones of them, have different remainders. */
        for (int tap = 0; tap < TAPS; tap++) {
            int at = k->from[z * TAPS + tap];
            if (held[at % TAPS] != at) {
                spread(flat + (size_t)at * (size_t)rows * (size_t)row, rows, row, i, wide, spread_rows + one * (size_t)(at % TAPS));
                held[at % TAPS] = at;
            }
        }
        for (int y = 0; y < j->count; y++, out += i->count) {
            const double *from[TAPS * TAPS];
            for (int t = 0; t < TAPS * TAPS; t++) {
                size_t slot = (size_t)(k->from[z * TAPS + t / TAPS] % TAPS);
                from[t] = spread_rows + one * slot + (size_t)j->from[y * TAPS + t % TAPS] * TAPS * wide;
            }
            weigh(from, wi, j->weights + y * TAPS, k->weights + z * TAPS, wide, line);
            for (int x = 0; x < i->count; x++)
                out[x] = k->inside[z] && j->inside[y] && i->inside[x] ? (SAMPLE)line[x] : 0;
        }
    }
}

/* The image at the places `at` (continuous indices along k, then j, then i; `count` of each); 0 outside the image. */
int NAMED(spline)(const SAMPLE *image, const int32_t *size, const double *at, const int32_t *count, SAMPLE *out) {
    Axis axes[3];
    memset(axes, 0, sizeof axes);
    int failed = 0;
    for (int a = 0; a < 3; at += count[a], a++)
        failed |= plan(axes + a, size[a], at, count[a]);
    size_t wide = ((size_t)count[2] + LANES - 1) / LANES * LANES;
    double *flat = failed ? NULL : NAMED(coefficients)(image, axes);
    size_t spread_count = (size_t)(axes[1].high - axes[1].low) * TAPS * wide * TAPS;
    double *rows = flat ? calloc(spread_count, sizeof *rows) : NULL;
    double *wi = calloc(wide * TAPS, sizeof *wi), *line = malloc(wide * sizeof *line);
    failed = !flat || !rows || !wi || !line ? -1 : 0;
    if (!failed) {
        for (int p = 0; p < count[2]; p++)
            for (int tap = 0; tap < TAPS; tap++)
                wi[(size_t)tap * wide + (size_t)p] = axes[2].weights[p * TAPS + tap];
        NAMED(weigh_all)(flat, axes, wide, wi, rows, line, out);
    }
    forget(axes);
    free(flat), free(rows), free(wi), free(line);
    return failed;
}
