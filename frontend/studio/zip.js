// A ZIP of texts, stored without compression (APPNOTE 6.3.9, version 2.0): enough to hand an SOP package over.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

const VERSION = 20;
const UTF8_NAMES = 0x0800;
const FIRST_OF_1980 = 0x21;

/** {name: text} as a Blob. */
export function zipped(files) {
  const encoder = new TextEncoder();
  const parts = [];
  const directory = [];
  let offset = 0;
  const head = (signature, size, write) => {
    const view = new DataView(new ArrayBuffer(size));
    view.setUint32(0, signature, true);
    write(view);
    return new Uint8Array(view.buffer);
  };
  const common = (view, at, bytes, name) => {
    view.setUint16(at, VERSION, true);
    view.setUint16(at + 2, UTF8_NAMES, true);
    view.setUint16(at + 8, FIRST_OF_1980, true);
    view.setUint32(at + 10, crc32(bytes), true);
    view.setUint32(at + 14, bytes.length, true);
    view.setUint32(at + 18, bytes.length, true);
    view.setUint16(at + 22, name.length, true);
  };
  for (const [fileName, text] of Object.entries(files)) {
    const name = encoder.encode(fileName);
    const bytes = encoder.encode(text);
    const begins = offset;
    parts.push(head(0x04034b50, 30, (view) => common(view, 4, bytes, name)), name, bytes);
    directory.push(head(0x02014b50, 46, (view) => {
      view.setUint16(4, VERSION, true);
      common(view, 6, bytes, name);
      view.setUint32(42, begins, true);
    }), name);
    offset += 30 + name.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = Object.keys(files).length;
  const end = head(0x06054b50, 22, (view) => {
    view.setUint16(8, count, true);
    view.setUint16(10, count, true);
    view.setUint32(12, size, true);
    view.setUint32(16, offset, true);
  });
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
