"""A page from its first key to its last: Tab reaches everything that can be used, in order, visibly, and lets go."""

from __future__ import annotations

from playwright.sync_api import Page

MOST = 400
"""Presses after which a page counts as endless."""

_PREPARE = """() => {
  const usable = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const shown = each => each.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
  const alone = each => {
    if (each.type !== 'radio') return true;
    const group = [...document.querySelectorAll('input[type=radio]')].filter(
      other => other.name === each.name && other.form === each.form && !other.disabled && shown(other));
    return (group.find(other => other.checked) || group[0]) === each;
  };
  window.stops = [...document.querySelectorAll(usable)].filter(
    each => !each.disabled && each.tabIndex >= 0 && !each.closest('[inert]') && shown(each) && alone(each));
  document.activeElement.blur();
  return window.stops.length;
}"""

_LOOK = """async () => {
  const one = document.activeElement;
  if (!one || one === document.body) return {at: -1, faults: []};
  const name = one.cloneNode().outerHTML.slice(0, 120), faults = [], at = window.stops.indexOf(one);
  const marked = each => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
  };
  const around = [one, one.closest('label'), one.parentElement, one.nextElementSibling];
  // The calendar in a field for a date has the browser's own ring.
  const own = !one.matches(':focus');
  if (!own && !around.some(each => each && marked(each))) faults.push('focus is not seen: ' + name);
  const shows = (box, part) => {
    const top = document.elementFromPoint(box.left + box.width * part, box.top + box.height / 2);
    return top && (one.contains(top) || top.contains(one) || top.closest('label')?.control === one);
  };
  const boxes = () => [...one.getClientRects()].filter(box => box.width > 0 && box.height > 0);
  const seen = () => boxes().some(box => [0.5, 0.1, 0.9].some(part => shows(box, part)));
  // A busy machine may need some frames to bring it into sight.
  for (let tries = 20; tries && !seen(); tries--) await new Promise(requestAnimationFrame);
  if (!seen()) faults.push('focus is covered or outside: ' + name);
  return {at, faults, name};
}"""

_NAME = "number => window.stops[number].cloneNode().outerHTML.slice(0, 120)"


def walk(page: Page) -> list[str]:
    """What is wrong for somebody who goes over this page with Tab alone."""
    # A page that glides to where the focus is would be looked at on the way.
    page.emulate_media(reduced_motion="reduce")
    count = page.evaluate(_PREPARE)
    if count and not page.evaluate("window.stops[0].matches('.skip-link[href=\"#main\"]')"):
        return ["does not begin with the way to the content"]
    found: list[str] = []
    reached: list[int] = []
    for _press in range(min(2 * count + 20, MOST)):
        page.keyboard.press("Tab")
        here = page.evaluate(_LOOK)
        found += here["faults"]
        if here["at"] in reached[:-1] or (here["at"] < 0 and len(reached) >= count):
            break
        # The parts of a date are stops of their own.
        if here["at"] >= 0 and here["at"] not in reached:
            reached.append(here["at"])
    if reached != sorted(reached):
        found.append(f"out of order: {reached}")
    return found + [f"not reached: {page.evaluate(_NAME, number)}" for number in range(count) if number not in reached]
