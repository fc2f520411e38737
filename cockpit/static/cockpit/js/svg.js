// @ts-check
/** Elements of drawings. */

const NS = "http://www.w3.org/2000/svg";

/**
 * Makes an element of a drawing, and puts it into another one.
 * @param {string} tag @param {Record<string, string | number>} attributes @param {Element} [into] @param {string} [text]
 */
export function draw(tag, attributes, into, text = "") {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text) element.textContent = text;
  into?.append(element);
  return element;
}
