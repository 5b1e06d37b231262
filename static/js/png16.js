// A 16-bit grey PNG to its numbers: the browser's own decoder would keep eight bits.
window.deltarad = window.deltarad || {};
window.deltarad.greyOf = (() => {
  "use strict";

  const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

  function chunksOf(bytes) {
    if (SIGNATURE.some((byte, at) => bytes[at] !== byte)) throw new Error("not a PNG");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found = { data: [] };
    for (let at = 8; at < bytes.length; ) {
      const length = view.getUint32(at);
      const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      const body = bytes.subarray(at + 8, at + 8 + length);
      if (kind === "IHDR") found.header = new DataView(body.buffer, body.byteOffset, length);
      if (kind === "IDAT") found.data.push(body);
      at += length + 12;
    }
    return found;
  }

  async function inflate(pieces) {
    const stream = new Blob(pieces).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  function paeth(left, up, corner) {
    const guess = left + up - corner;
    const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
    if (a <= b && a <= c) return left;
    return b <= c ? up : corner;
  }

  const FILTERS = [
    () => 0,
    (left) => left,
    (_left, up) => up,
    (left, up) => (left + up) >> 1,
    paeth,
  ];

  // Undoes the five filters of the PNG specification, section 9, in place of the filtered bytes.
  function unfilter(bytes, rowBytes, height, pixelBytes) {
    const plain = new Uint8Array(rowBytes * height);
    for (let row = 0; row < height; row += 1) {
      const predict = FILTERS[bytes[row * (rowBytes + 1)]];
      const from = row * (rowBytes + 1) + 1;
      const to = row * rowBytes;
      for (let at = 0; at < rowBytes; at += 1) {
        const left = at >= pixelBytes ? plain[to + at - pixelBytes] : 0;
        const up = row ? plain[to + at - rowBytes] : 0;
        const corner = row && at >= pixelBytes ? plain[to + at - rowBytes - pixelBytes] : 0;
        plain[to + at] = bytes[from + at] + predict(left, up, corner);
      }
    }
    return plain;
  }

  return async function greyOf(buffer) {
    const { header, data } = chunksOf(new Uint8Array(buffer));
    const [width, height, depth, colour] = [header.getUint32(0), header.getUint32(4), header.getUint8(8), header.getUint8(9)];
    if (depth !== 16 || colour !== 0 || header.getUint8(12)) throw new Error("not a plain 16-bit grey PNG");
    const plain = unfilter(await inflate(data), width * 2, height, 2);
    const values = new Uint16Array(width * height);
    for (let at = 0; at < values.length; at += 1) values[at] = (plain[2 * at] << 8) | plain[2 * at + 1];
    return { width, height, values };
  };
})();
