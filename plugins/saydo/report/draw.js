// Draws every chart of the page. The libraries that it names are bundled with it; it loads nothing.
const config = JSON.parse(document.getElementById("look").textContent);
for (const place of document.querySelectorAll(".chart")) {
  const specification = JSON.parse(document.getElementById(place.dataset.of).textContent);
  const options = { config, renderer: "svg", actions: false, ast: true, defaultStyle: false };
  vegaEmbed(place, specification, options).then(() => { place.dataset.isDrawn = "yes"; });
}
