// Which texts are hard to read: their contrast to what is behind them, as WCAG 2 computes it, is below 4.5 to 1. Borders of
// fields have to have 3 to 1.
const parts = colour => {
  const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
  return { r, g, b, a };
};
const over = (top, below) => ({
  r: top.r * top.a + below.r * (1 - top.a),
  g: top.g * top.a + below.g * (1 - top.a),
  b: top.b * top.a + below.b * (1 - top.a),
  a: 1,
});
const luminance = ({ r, g, b }) => {
  const [x, y, z] = [r, g, b].map(c => c / 255).map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const contrast = (one, other) => {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
};
const behind = element => {
  if (!element) return parts('rgb(255, 255, 255)');
  const own = parts(getComputedStyle(element).backgroundColor);
  return own.a === 1 ? own : over(own, behind(element.parentElement));
};
const hard = [];
const check = (what, colour, ground, least) => {
  const ratio = contrast(over(parts(colour), ground), ground);
  if (ratio < least) hard.push(`${what}: ${ratio.toFixed(2)}`);
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let count = 0;
while (texts.nextNode()) {
  const text = texts.currentNode.data.trim();
  const element = texts.currentNode.parentElement;
  if (!text || !element.checkVisibility()) continue;
  count += 1;
  check(text.slice(0, 40), getComputedStyle(element).color, behind(element), 4.5);
}
for (const field of document.querySelectorAll('input:not([type=hidden])')) {
  check(`what is typed into ${field.id}`, getComputedStyle(field).color, behind(field), 4.5);
  check(`the border of ${field.id}`, getComputedStyle(field).borderTopColor, behind(field.parentElement), 3);
}
if (!count) hard.push('there is no text');
return { hard, dark: luminance(behind(document.querySelector('main'))) < 0.2 };
