// Each figure can be kept as a picture: the drawing is painted on white, three times as large, and handed over as PNG.
(() => {
  const SCALE = 3;
  const MARGIN = 16;

  function save(figure, name) {
    const svg = figure.querySelector("svg.bp-chart");
    const { width, height } = svg.getBoundingClientRect();
    const copy = svg.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.setAttribute("font-family", getComputedStyle(svg).fontFamily);
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = (width + 2 * MARGIN) * SCALE;
      canvas.height = (height + 3 * MARGIN + 28) * SCALE;
      const pen = canvas.getContext("2d");
      pen.scale(SCALE, SCALE);
      pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.fillStyle = "#1a1a1a";
      pen.font = `600 18px ${getComputedStyle(svg).fontFamily}`;
      pen.fillText(figure.querySelector("figcaption").textContent, MARGIN, MARGIN + 14);
      pen.drawImage(image, MARGIN, 2 * MARGIN + 20, width, height);
      canvas.toBlob((blob) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(blob);
        link.download = `${name}.png`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 1000);
      }, "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  }

  const label = document.querySelector("script[data-label]").dataset.label;
  for (const figure of document.querySelectorAll(".bp-figure")) {
    const svg = figure.querySelector("svg.bp-chart");
    const place = figure.querySelector(".bp-data p") || figure.querySelector(".bp-data");
    if (!svg || !place) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "bp-as-link";
    button.textContent = label;
    button.addEventListener("click", () => save(figure, svg.id));
    place.append(" · ", button);
  }
})();
