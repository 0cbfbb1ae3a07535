// A small plot: an area, and a dashed line if there is a value to compare with.
import { element } from "./format.js";

const width = 300;
const height = 60;
const space = "http://www.w3.org/2000/svg";

function shape(parent, name, kind) {
  const made = document.createElementNS(space, name);
  made.setAttribute("class", kind);
  parent.append(made);
  return made;
}

export class Plot {
  constructor(label) {
    this.root = document.createElementNS(space, "svg");
    this.root.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.root.setAttribute("preserveAspectRatio", "none");
    this.root.setAttribute("role", "img");
    this.root.setAttribute("aria-label", label);
    const base = shape(this.root, "path", "base");
    base.setAttribute("d", `M0 ${height - 0.5}H${width}`);
    this.fill = shape(this.root, "path", "fill");
    this.second = shape(this.root, "path", "second");
    this.stroke = shape(this.root, "path", "stroke");
    this.scale = element("div", undefined, { class: "scale" });
    this.scale.append(element("span"), element("span"));
  }

  // points are [time, value, compared], oldest first. from and to are the ends of the time axis.
  draw(points, from, to, show) {
    let most = 0;
    for (const [, value, compared] of points) most = Math.max(most, value, compared ?? 0);
    const x = (time) => (((time - from) / (to - from)) * width).toFixed(1);
    const y = (value) => (height - 1 - (most > 0 ? (value / most) * (height - 6) : 0)).toFixed(1);
    const line = (pick) => {
      let text = "";
      for (const point of points) {
        if (pick(point) !== undefined) text += (text ? "L" : "M") + x(point[0]) + " " + y(pick(point));
      }
      return text;
    };
    const main = line((point) => point[1]);
    this.stroke.setAttribute("d", main);
    this.second.setAttribute("d", line((point) => point[2]));
    const ends = points.length > 1 ? `L${x(points[points.length - 1][0])} ${height}L${x(points[0][0])} ${height}Z` : "";
    this.fill.setAttribute("d", ends ? main + ends : "");
    const [left, right] = this.scale.children;
    const minutes = (to - from) / 60;
    left.textContent = minutes < 1.95 ? `${Math.round(minutes * 60)} s ago` : `${Math.round(minutes)} min ago`;
    right.textContent = `max ${show(most)}`;
  }
}
