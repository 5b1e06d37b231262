/* The filters over one image: included once for each precision of its voxels. */

/* Rows apart from each other: one sum of whole rows for each row of the result. */
CLONED static void NAMED(sum_rows)(const SAMPLE *const *rows, const SAMPLE *taps, SAMPLE *restrict out, size_t length) {
    const SAMPLE *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4], *f = rows[5];
    for (size_t i = 0; i < length; i++) {
        SAMPLE sum = 0;
        sum += taps[0] * a[i];
        sum += taps[1] * b[i];
        sum += taps[2] * c[i];
        sum += taps[3] * d[i];
        sum += taps[4] * e[i];
        sum += taps[5] * f[i];
        out[i] = sum;
    }
}

/* Filter along one axis from an array of `size` to one that holds only `low` to `high` of that axis. */
static void NAMED(filter)(const SAMPLE *from, SAMPLE *to, const int *size, int axis, int low, int high, const SAMPLE *taps) {
    size_t inner = 1, outer = 1;
    for (int a = axis + 1; a < 3; a++)
        inner *= (size_t)size[a];
    for (int a = 0; a < axis; a++)
        outer *= (size_t)size[a];
    int n = size[axis];
    for (size_t o = 0; o < outer; o++)
        for (int at = low; at < high; at++) {
            Sum sum = sum_at(at, n);
            const SAMPLE *rows[TAPS], *line = from + o * (size_t)n * inner;
            SAMPLE ordered[TAPS];
            int is_inside = at + TAPS / 2 < n && at + TAPS / 2 - TAPS + 1 >= 0;
            for (int t = 0; t < TAPS; t++) {
                rows[t] = line + (size_t)sum.from[t] * inner;
                ordered[t] = taps[sum.tap[t]];
            }
            SAMPLE *result = to + (o * (size_t)(high - low) + (size_t)(at - low)) * inner;
            if (inner == 1 && is_inside) {
                /* Along the innermost axis the sums of neighbours are rows, too. */
                int last = n - TAPS / 2 < high ? n - TAPS / 2 : high;
                NAMED(sum_rows)(rows, ordered, result, (size_t)(last - at));
                at = last - 1;
            } else {
                NAMED(sum_rows)(rows, ordered, result, inner);
            }
        }
}

/* All eight bands within the box [low, high): out[band], each of the box's size; the bits of a band say whether it is
 * the high pass along i (4), j (2) and k (1). Sides must be even and hold the filter. */
int NAMED(wavelet_bands)(const SAMPLE *image, const int32_t *size, const SAMPLE *low_taps, const SAMPLE *high_taps,
                  const int32_t *low, const int32_t *high, SAMPLE *out) {
    const SAMPLE *taps[2] = {low_taps, high_taps};
    int box[3] = {high[0] - low[0], high[1] - low[1], high[2] - low[2]};
    size_t one = (size_t)size[0] * (size_t)size[1] * (size_t)box[2];
    size_t two = (size_t)size[0] * (size_t)box[1] * (size_t)box[2], three = (size_t)box[0] * (size_t)box[1] * (size_t)box[2];
    SAMPLE *along_i = malloc(one * sizeof *along_i), *along_j = malloc(two * sizeof *along_j);
    if (!along_i || !along_j) {
        free(along_i), free(along_j);
        return -1;
    }
    int size_i[3] = {size[0], size[1], size[2]}, size_j[3] = {size[0], size[1], box[2]}, size_k[3] = {size[0], box[1], box[2]};
    for (int band = 0; band < 8; band++) {
        if ((band & 3) == 0)
            NAMED(filter)(image, along_i, size_i, 2, low[2], high[2], taps[band >> 2]);
        if ((band & 1) == 0)
            NAMED(filter)(along_i, along_j, size_j, 1, low[1], high[1], taps[band >> 1 & 1]);
        NAMED(filter)(along_j, out + (size_t)band * three, size_k, 0, low[0], high[0], taps[band & 1]);
    }
    free(along_i), free(along_j);
    return 0;
}
