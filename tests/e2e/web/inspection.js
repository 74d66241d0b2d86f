/**
 * What is wrong with the page on the screen, as sentences; none when it can be read, named and touched.
 * It waits until nothing moves, and looks in that same moment: nothing can begin to fade in between.
 */
async () => {
  const moving = () => document.getAnimations().filter((one) => one.playState === "running" && one.effect.getComputedTiming().endTime !== Infinity);
  while (moving().length > 0) await Promise.all(moving().map((one) => one.finished.catch(() => undefined)));

  const READABLE = 4.49; // WCAG 2.1, 1.4.3: 4.5:1, and 3:1 for large letters; measured with rounding.
  const READABLE_LARGE = 3;
  const LEAST_TOUCH_PX = 36;
  const PHONE_PX = 768;
  const faults = new Set();

  const shown = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(node).visibility !== "hidden" && !node.closest(".sr-only, [aria-hidden='true'], [hidden], svg");
  };
  const where = (node) => `<${node.tagName.toLowerCase()} class="${node.className}"> in ${node.closest("[data-testid]")?.dataset.testid ?? "the page"}: ${node.textContent.trim().slice(0, 40)}`;

  const parts = (text) => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return [red, green, blue, alpha];
  };
  const laidOver = (under, top) => [0, 1, 2].map((at) => top[at] * top[3] + under[at] * (1 - top[3]));
  const linear = (value) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const lightness = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ancestors = function* (node) { for (let at = node; at; at = at.parentElement) yield at; };
  const paperOf = (node) => {
    const layers = [];
    for (const at of ancestors(node)) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce(laidOver, [255, 255, 255]);
  };
  const contrast = (node) => {
    const paper = paperOf(node);
    const ink = parts(getComputedStyle(node).color);
    const opacity = [...ancestors(node)].reduce((share, at) => share * Number(getComputedStyle(at).opacity), 1);
    const [dark, bright] = [lightness(laidOver(paper, [...ink.slice(0, 3), ink[3] * opacity])), lightness(paper)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (text) => (text.data.trim() ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP));
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (node.matches("script, style, option") || node.closest(":disabled") || !shown(node)) continue;
    const { fontSize, fontWeight, overflowX } = getComputedStyle(node);
    const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
    if (contrast(node) < (large ? READABLE_LARGE : READABLE)) faults.add(`hard to read (${contrast(node).toFixed(2)}): ${where(node)}`);
    if (node.scrollWidth > node.clientWidth + 1 && ["hidden", "clip"].includes(overflowX) && !node.closest("[title]")) faults.add(`cut without a title: ${where(node)}`);
  }

  for (const node of document.querySelectorAll("button, a[href], input, select, textarea, summary, [tabindex='0']")) {
    if (!shown(node)) continue;
    const labels = [...(node.labels ?? [])].map((label) => label.textContent).join("");
    const name = node.getAttribute("aria-label") || node.title || labels || node.textContent || node.placeholder || node.querySelector("img[alt]")?.alt;
    if (!name?.trim()) faults.add(`without a name: ${where(node)}`);
    const { width, height } = (node.closest("label") ?? node).getBoundingClientRect();
    // What stands in a text or on a scale of time or place has its like in a list (WCAG 2.2, 2.5.8).
    const inText = node.closest(".leaflet-container, .alarm-axis, p, td") !== null;
    if (innerWidth < PHONE_PX && !inText && Math.min(width, height) < LEAST_TOUCH_PX) faults.add(`too small for a thumb (${Math.round(width)} x ${Math.round(height)}): ${where(node)}`);
  }

  for (const node of [document.documentElement, document.querySelector("main")]) {
    if (node && node.scrollWidth > node.clientWidth + 1) faults.add(`wider than the screen: <${node.tagName.toLowerCase()}> ${node.scrollWidth} of ${node.clientWidth}`);
  }
  return [...faults];
};
