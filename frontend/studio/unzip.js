// Reading a package: the diagrams and tables of a .zip, as text. Source: APPNOTE 6.3, stored and deflated entries.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const MOST_FILES = 60;
const MOST_BYTES = 2 * 1024 * 1024;

/** {name: text} of every .bpmn and .dmn in it, without folders. Throws `Error` when it is no package. */
export async function unzipped(blob) {
  const view = new DataView(await blob.arrayBuffer());
  let at = view.byteLength - 22;
  while (at >= 0 && view.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new Error("zip");
  const count = view.getUint16(at + 10, true);
  const files = {};
  let place = view.getUint32(at + 16, true);
  for (let n = 0; n < count && Object.keys(files).length < MOST_FILES; n += 1) {
    if (view.getUint32(place, true) !== ENTRY) throw new Error("zip");
    const nameLength = view.getUint16(place + 28, true);
    const name = text(view, place + 46, nameLength).split("/").pop();
    if (/\.(bpmn|dmn)$/i.test(name)) files[name] = await content(view, place);
    place += 46 + nameLength + view.getUint16(place + 30, true) + view.getUint16(place + 32, true);
  }
  return files;
}

async function content(view, place) {
  const [method, packed, size] = [view.getUint16(place + 10, true), view.getUint32(place + 20, true), view.getUint32(place + 24, true)];
  if (size > MOST_BYTES) throw new Error("large");
  const local = view.getUint32(place + 42, true);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const bytes = new Uint8Array(view.buffer, start, packed);
  if (method === 0) return new TextDecoder().decode(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts = [];
  let got = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    got += value.length;
    if (got > MOST_BYTES) throw new Error("large"); // what the entry says of its size is not to be trusted
    parts.push(value);
  }
  return new Blob(parts).text();
}

function text(view, start, length) {
  return new TextDecoder().decode(new Uint8Array(view.buffer, start, length));
}
