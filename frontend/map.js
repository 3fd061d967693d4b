// The map, loaded only when somebody opens it. A list of kelurahan and a landmark always say the same in words.
//
// [data-place]   report form: data-tiles, data-attribution, data-leaflet-css, data-bounds "south,west,north,east";
//                inside: [data-lat] [data-lng] inputs, select[data-kelurahan] whose options carry data-lat, data-lng,
//                [data-map], [data-place-words], [data-place-tools] with [data-locate] [data-open-map] [data-clear-point]
// [data-point]   a task form's location: two inputs (…__lat, …__lng); settings on its form, data-centre besides
// [data-show-map] a report's point for officers: data-lat, data-lng and the settings

import { icon, make } from "./dom.js";
import { say } from "./words.js";

export function start(root) {
  for (const part of root.querySelectorAll("[data-place]")) if (!part.dataset.ready) choosePlace(part);
  for (const part of root.querySelectorAll("[data-point]")) if (!part.dataset.ready) choosePoint(part);
  for (const part of root.querySelectorAll("[data-show-map]")) if (!part.dataset.ready) showPoint(part);
}

const archipelago = [-2.5, 118];

function settingsOf(part) {
  const { tiles = "", attribution = "", bounds = "", centre = "", leafletCss = "" } = part.closest("[data-tiles]")?.dataset ?? {};
  const [south, west, north, east] = bounds.split(",").map(Number);
  return {
    tiles,
    attribution,
    leafletCss,
    bounds: bounds ? { south, west, north, east } : null,
    centre: centre ? centre.split(",").map(Number) : null,
  };
}

let loading;
async function leaflet(href) {
  loading ??= (async () => {
    const style = make("link", { rel: "stylesheet", href });
    const ready = new Promise((resolve) => { style.onload = resolve; style.onerror = resolve; });
    document.head.append(style);
    const [module] = await Promise.all([import("leaflet"), ready]);
    return module.default ?? module;
  })().catch((error) => { loading = undefined; throw error; });
  return loading;
}

async function draw(box, settings, options = {}) {
  const L = await leaflet(settings.leafletCss);
  const map = L.map(box, { scrollWheelZoom: false, ...options });
  map.attributionControl.setPrefix("");
  if (settings.tiles) L.tileLayer(settings.tiles, { attribution: settings.attribution, maxZoom: 19 }).addTo(map);
  if (settings.bounds) {
    const { south, west, north, east } = settings.bounds;
    map.fitBounds([[south, west], [north, east]]);
  } else {
    map.setView(settings.centre ?? archipelago, settings.centre ? 16 : 5);
  }
  return { L, map };
}

function pin(L) {
  return L.divIcon({ className: "map-pin", iconSize: [36, 36], iconAnchor: [18, 34], html: icon("map-pin").outerHTML });
}

function covers(bounds, lat, lng) {
  return !bounds || (lat >= bounds.south && lat <= bounds.north && lng >= bounds.west && lng <= bounds.east);
}

/** Squared distance for finding the nearest; a city is small enough to be flat. */
function apart(lat, lng, place) {
  const dx = (lng - place.lng) * Math.cos((lat * Math.PI) / 180);
  return dx * dx + (lat - place.lat) ** 2;
}

function placesOf(part) {
  return [...part.querySelectorAll("[data-kelurahan] option[data-lat]")].map((option) => ({
    code: option.value, name: option.textContent, lat: Number(option.dataset.lat), lng: Number(option.dataset.lng),
  }));
}

/** What both ways of choosing share: hold a point, tell about it, show it once the map is open. */
class Chooser {
  constructor(part, { lat, lng, box, words, places = [], select = null }) {
    Object.assign(this, { part, lat, lng, box, words, places, select });
    part.dataset.ready = "yes";
    this.settings = settingsOf(part);
  }

  get point() {
    return this.lat.value && this.lng.value ? { lat: Number(this.lat.value), lng: Number(this.lng.value) } : null;
  }

  tell(words) {
    this.words.textContent = words;
  }

  choose(lat, lng, words = "") {
    if (!covers(this.settings.bounds, lat, lng)) {
      this.clear(this.part.dataset.outside ?? say("outside"));
      return;
    }
    this.lat.value = lat.toFixed(6);
    this.lng.value = lng.toFixed(6);
    const nearest = this.places.reduce((best, place) => (!best || apart(lat, lng, place) < apart(lat, lng, best) ? place : best), null);
    if (nearest && this.select) this.select.value = nearest.code;
    this.tell([words, nearest ? say("chosen", { name: nearest.name }) : say("pointSet")].filter(Boolean).join(" "));
    this.show();
    this.changed();
  }

  clear(words = say("cleared")) {
    this.lat.value = "";
    this.lng.value = "";
    this.marker?.remove();
    this.marker = null;
    this.tell(words);
    this.changed();
  }

  changed() {
    this.lat.dispatchEvent(new Event("input", { bubbles: true }));
    this.onChange?.();
  }

  locate() {
    this.tell(say("locating"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const m = Math.round(coords.accuracy);
        this.choose(coords.latitude, coords.longitude, say(m > 100 ? "vague" : "located", { m }));
      },
      () => this.tell(say("unlocated")),
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 },
    );
  }

  async open() {
    this.box.hidden = false;
    try {
      this.drawn ??= await draw(this.box, this.settings);
    } catch {
      this.box.hidden = true;
      this.tell(say("mapFailed"));
      return false;
    }
    const { L, map } = this.drawn;
    if (!this.dots) {
      this.dots = this.places.map((place) => L.marker([place.lat, place.lng], {
        icon: L.divIcon({ className: "map-dot", iconSize: [10, 10] }), keyboard: false, title: place.name,
      }).bindTooltip(place.name, { className: "map-name", direction: "top", permanent: true })
        .on("click", () => this.choose(place.lat, place.lng)).addTo(map));
      const names = () => this.box.classList.toggle("map--names", map.getZoom() >= 13);
      map.on("zoomend", names);
      names();
      map.on("click", ({ latlng }) => this.choose(latlng.lat, latlng.lng));
    }
    map.invalidateSize();
    const named = this.places.find(({ code }) => code === this.select?.value);
    if (named && !this.point) map.setView([named.lat, named.lng], 15);
    this.show(true);
    return true;
  }

  show(centre = false) {
    if (!this.drawn) return;
    const { L, map } = this.drawn;
    const point = this.point;
    if (!point) return;
    if (!this.marker) {
      this.marker = L.marker([point.lat, point.lng], { icon: pin(L), draggable: true, autoPan: true })
        .on("dragend", () => { const at = this.marker.getLatLng(); this.choose(at.lat, at.lng); }).addTo(map);
    } else {
      this.marker.setLatLng([point.lat, point.lng]);
    }
    if (centre || !map.getBounds().contains([point.lat, point.lng])) map.setView([point.lat, point.lng], Math.max(map.getZoom(), 16));
  }
}

function choosePlace(part) {
  const select = part.querySelector("[data-kelurahan]");
  const chooser = new Chooser(part, {
    lat: part.querySelector("input[data-lat]"),
    lng: part.querySelector("input[data-lng]"),
    box: part.querySelector("[data-map]"),
    words: part.querySelector("[data-place-words]"),
    places: placesOf(part),
    select,
  });
  const tools = part.querySelector("[data-place-tools]");
  const clear = tools.querySelector("[data-clear-point]");
  const opener = tools.querySelector("[data-open-map]");
  tools.hidden = false;
  tools.querySelector("[data-locate]").hidden = !navigator.geolocation;
  chooser.onChange = () => { clear.hidden = !chooser.point; };
  chooser.onChange();
  tools.querySelector("[data-locate]").addEventListener("click", () => chooser.locate());
  clear.addEventListener("click", () => chooser.clear());
  opener.addEventListener("click", async () => {
    const opened = opener.getAttribute("aria-expanded") === "true";
    if (opened) chooser.box.hidden = true;
    else if (!(await chooser.open())) return;
    opener.setAttribute("aria-expanded", String(!opened));
    opener.lastChild.textContent = say(opened ? "openMap" : "closeMap");
  });
  select.addEventListener("change", () => {
    const place = chooser.places.find(({ code }) => code === select.value);
    if (place && chooser.drawn) chooser.drawn.map.setView([place.lat, place.lng], 15);
  });
}

function choosePoint(part) {
  const [lat, lng] = part.querySelectorAll("input");
  const box = make("div", { className: "map", hidden: true });
  const words = make("p", { className: "place__words", role: "status" });
  const opener = make("button", { type: "button", className: "button button--quiet button--small" }, icon("map"), say("openMap"));
  const chooser = new Chooser(part, { lat, lng, box, words });
  const locate = make("button", { type: "button", className: "button button--quiet button--small" }, icon("crosshair"), "GPS");
  locate.addEventListener("click", () => chooser.locate());
  opener.addEventListener("click", () => { if (box.hidden) chooser.open(); else box.hidden = true; });
  part.prepend(make("div", { className: "cluster" }, opener, ...(navigator.geolocation ? [locate] : [])), words, box);
}

/** A report's point, drawn when it comes into view. */
function showPoint(part) {
  part.dataset.ready = "yes";
  const settings = settingsOf(part);
  const point = [Number(part.dataset.lat), Number(part.dataset.lng)];
  const seen = new IntersectionObserver(async ([entry]) => {
    if (!entry.isIntersecting) return;
    seen.disconnect();
    part.hidden = false;
    const { L, map } = await draw(part, settings);
    map.setView(point, 16);
    L.marker(point, { icon: pin(L), keyboard: false }).addTo(map);
  });
  seen.observe(part);
}
