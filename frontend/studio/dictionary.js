// Words of one part of the studio, in the language of the page: `const say = dictionary({ id: {…}, en: {…} })`.

export function dictionary(all) {
  const chosen = all[document.documentElement.lang] ?? all.id;
  return (key, values = {}) => (chosen[key] ?? all.id[key] ?? key)
    .replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
