/* The passes over one image: included once for each precision of its voxels. Between passes ITK keeps single ones. */

/* Filter along one axis the lines that cross `range`; what comes out is written within the range alone. */
static void NAMED(pass)(const SAMPLE *from, float *to, const int *size, int axis, const Range *range, const Recursion *r,
                 Room *room) {
    ptrdiff_t stride[3] = {(ptrdiff_t)size[1] * size[2], size[2], 1};
    int outer = axis == 0 ? 1 : 0, inner = axis == 2 ? 1 : 2, n = size[axis];
    for (int o = range->low[outer]; o < range->high[outer]; o++)
        for (int start = range->low[inner]; start < range->high[inner]; start += LANES) {
            int lanes = range->high[inner] - start < LANES ? range->high[inner] - start : LANES;
            ptrdiff_t base = o * stride[outer] + start * stride[inner];
            for (int s = 0; s < n; s++)
                for (int l = 0; l < lanes; l++)
                    room->lines[s * LANES + l] = from[base + s * stride[axis] + l * stride[inner]];
            filter_lines(room->lines, n, r, room->out, room->scratch);
            for (int s = range->low[axis]; s < range->high[axis]; s++)
                for (int l = 0; l < lanes; l++)
                    to[base + s * stride[axis] + l * stride[inner]] = (float)room->out[s * LANES + l];
        }
}

/* The Laplacian over `size` voxels within the box [low, high), as an array of the box's own size. */
int NAMED(laplacian)(const SAMPLE *image, const int32_t *size, const double *spacing, double sigma_mm, const int32_t *low,
              const int32_t *high, SAMPLE *out) {
    size_t voxels = (size_t)size[0] * (size_t)size[1] * (size_t)size[2];
    int longest = size[0] > size[1] ? size[0] : size[1];
    longest = longest > size[2] ? longest : size[2];
    float *one = malloc(voxels * sizeof *one), *other = malloc(voxels * sizeof *other);
    double *lines = calloc((size_t)longest * LANES * 3, sizeof *lines);
    if (!one || !other || !lines) {
        free(one), free(other), free(lines);
        return -1;
    }
    Room room = {lines, lines + (size_t)longest * LANES, lines + (size_t)longest * LANES * 2};
    int box[3] = {high[0] - low[0], high[1] - low[1], high[2] - low[2]};
    memset(out, 0, (size_t)box[0] * (size_t)box[1] * (size_t)box[2] * sizeof *out);
    /* ITK's first axis is ours last. */
    for (int axis = 2; axis >= 0; axis--) {
        int second = axis == 2 ? 1 : 2, third = axis == 0 ? 1 : 0;
        Range range = {{0, 0, 0}, {size[0], size[1], size[2]}};
        Recursion curved = recursion(sigma_mm, spacing[axis], 1);
        Recursion smooth = recursion(sigma_mm, spacing[second], 0), last = recursion(sigma_mm, spacing[third], 0);
        range.low[axis] = low[axis], range.high[axis] = high[axis];
        NAMED(pass)(image, one, size, axis, &range, &curved, &room);
        range.low[second] = low[second], range.high[second] = high[second];
        pass_single(one, other, size, second, &range, &smooth, &room);
        range.low[third] = low[third], range.high[third] = high[third];
        pass_single(other, one, size, third, &range, &last, &room);
        double per_spacing2 = 1.0 / (spacing[axis] * spacing[axis]); /* ITK multiplies: the last bits differ */
        SAMPLE *at = out;
        for (int k = low[0]; k < high[0]; k++)
            for (int j = low[1]; j < high[1]; j++) {
                const float *row = one + ((size_t)k * (size_t)size[1] + (size_t)j) * (size_t)size[2];
                for (int i = low[2]; i < high[2]; i++, at++)
                    *at = (float)(*at + row[i] * per_spacing2);
            }
    }
    free(one), free(other), free(lines);
    return 0;
}
