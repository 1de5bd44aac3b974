// Search, and what lies up and downstream of the chosen node. The address after # names that node.
const { nodes, edges, lanes } = JSON.parse(document.getElementById("data").textContent);
const kinds = lanes.map(([kind]) => kind);
const at = (id) => document.getElementById(id);
const make = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);
const above = nodes.map(() => []), below = nodes.map(() => []);
for (const [from, to] of edges) { above[to].push(from); below[from].push(to); }
const place = new Map(nodes.map((node, index) => [node.name, index]));
const START = "marts.customer_profiles";

function reached(start, beside) {
  const steps = new Map([[start, 0]]);
  for (const index of steps.keys()) {
    for (const next of beside[index]) if (!steps.has(next)) steps.set(next, steps.get(index) + 1);
  }
  steps.delete(start);
  return steps;
}

const number = (value) => (value === null ? "" : value.toLocaleString("en"));
const short = (node) => node.name.slice(node.name.indexOf(".") + 1);
const link = (index, name = nodes[index].name) =>
  make("a", name, { href: "#" + encodeURIComponent(nodes[index].name), title: nodes[index].description ?? "" });

function show(index) {
  const node = nodes[index], up = reached(index, above), down = reached(index, below);
  const facts = {
    Kind: node.kind, Owner: node.owner, Rows: number(node.row_count), Freshness: node.freshness.replace("_", " "),
    Grade: node.grade ?? "", "Built (UTC)": node.built_at ?? "", Seconds: number(node.seconds),
    Upstream: number(up.size), Downstream: number(down.size),
  };
  const list = make("dl", "");
  for (const [name, value] of Object.entries(facts)) {
    const pair = make("div", "");
    pair.append(make("dt", name), make("dd", value || "–"));
    list.append(pair);
  }
  at("chosen").replaceChildren(make("h2", node.name), make("p", node.description ?? ""), list);
  at("chosen").hidden = at("key").hidden = false;
  at("lanes").replaceChildren(...lanes.map(([kind, words]) => lane(kind, words, index, up, down)).filter(Boolean));
  document.body.dataset.chosen = node.name;
}

// Nearest first, so that what a node is made from directly stands on top.
function lane(kind, words, chosen, up, down) {
  const steps = (index) => up.get(index) ?? down.get(index) ?? 0;
  const shown = nodes.map((_, index) => index)
    .filter((index) => nodes[index].kind === kind && (index === chosen || up.has(index) || down.has(index)))
    .sort((a, b) => steps(a) - steps(b) || a - b);
  if (!shown.length) return null;
  const list = make("ul", "");
  for (const index of shown) {
    const node = nodes[index], entry = link(index, "");
    for (const part of short(node).split(/(?<=_)/)) entry.append(part, make("wbr", ""));  // breaks between words
    if (index === chosen) entry.setAttribute("aria-current", "true");
    else entry.className = up.has(index) ? "up" : "down";
    const told = [node.row_count === null ? "" : number(node.row_count) + " rows", node.grade && "grade " + node.grade,
      node.freshness === "stale" && "stale", index !== chosen && steps(index) + (steps(index) === 1 ? " step" : " steps")];
    entry.append(make("small", told.filter(Boolean).join(" · ")));
    const item = make("li", "");
    item.append(entry);
    list.append(item);
  }
  const box = make("section", "", { className: "lane" });
  box.append(make("h3", words + " (" + shown.length + ")"), list);
  return box;
}

// Every word of the question is in the name, the owner or the description; names that hold all come first.
function search(question) {
  const words = question.toLowerCase().split(/[\s_]+/).filter(Boolean);
  if (!words.length) return [];
  const told = (node) => [node.name, node.owner, node.kind, node.description ?? ""].join(" ").toLowerCase();
  const rank = (node) =>
    (words.every((word) => node.name.includes(word)) ? 0 : 100) - kinds.indexOf(node.kind) + node.name.length / 100;
  return nodes.map((_, index) => index)
    .filter((index) => words.every((word) => told(nodes[index]).includes(word)))
    .sort((a, b) => rank(nodes[a]) - rank(nodes[b])).slice(0, 12);
}

function hits() {
  const found = search(at("find").value);
  const items = found.map((index) => {
    const item = make("li", "");
    item.append(link(index));
    return item;
  });
  if (!found.length && at("find").value.trim()) items.push(make("li", "Nothing by these words.", { className: "none" }));
  at("hits").replaceChildren(...items);
  return found;
}

function choose() {
  const name = decodeURIComponent(location.hash.slice(1));
  const index = place.get(name) ?? (name ? undefined : place.get(START) ?? 0);
  if (index !== undefined && nodes.length) show(index);
}

at("find").addEventListener("input", hits);
at("find").addEventListener("keydown", (event) => {
  if (event.key === "Escape") { at("find").value = ""; hits(); }
  const first = event.key === "Enter" ? hits()[0] : undefined;
  if (first !== undefined) location.hash = encodeURIComponent(nodes[first].name);
});
at("hits").addEventListener("click", () => { at("find").value = ""; hits(); });
addEventListener("hashchange", choose);
choose();
