// A section for each growth series that has results: a table and a picture.
import { lines as lineChart } from './picture.mjs';
import { fileOf, readResults } from './results.mjs';
import { isOurs, serverOf } from './roster.mjs';
import { SERIES } from './series.mjs';
import { median, total } from './statistics.mjs';
import { madeOf, number, table } from './tables.mjs';

const WORDS = { R: 'read', W: 'change' };

/** `write(name, svg)` takes each picture. */
export const growthSections = (write) =>
  Object.entries(SERIES).flatMap(([name, series]) => {
    const found = readResults(fileOf(`growth-${name}`));
    const slices = found.filter(({ kind }) => kind === 'slice');
    return slices.length ? section(name, series, found[0], slices, write) : [];
  });

function section(name, series, head, slices, write) {
  const curves = curvesOf(series, slices);
  const picture = `benchmark-${name}.svg`;
  write(picture, lineChart(series.title, series.axis, curves.filter(({ route }) => route === 'R')));
  return [`## ${series.title}`, `Made with ${madeOf(head, new Set(slices.map(({ process }) => process)).size)}`, growthTable(series, curves), `![${series.title}: CPU of a read](${picture})`];
}

function curvesOf(series, slices) {
  const servers = [...new Set(slices.map(({ server }) => server))].map(serverOf);
  return series.routes.flatMap((route) =>
    servers.map((server) => ({
      route,
      label: `${server.adapter}: ${server.label}`,
      ours: isOurs(server),
      points: series.values.flatMap((x) => {
        const us = median(slices.filter((one) => one.x === x && one.server === server.name && one.route === route).map(total));
        return Number.isFinite(us) ? [[x, us]] : [];
      }),
    })),
  );
}

/** µs for each value, and in the last column the last over the first. */
function growthTable(series, curves) {
  const values = series.values.filter((x) => curves.some(({ points }) => points.some(([at]) => at === x)));
  const cells = ({ label, route, points }) => {
    const at = new Map(points);
    return [label, WORDS[route], ...values.map((x) => number(at.get(x), 0)), number(points.at(-1)?.[1] / points[0]?.[1])];
  };
  return table([series.axis, '', ...values.map((x) => x.toLocaleString('en')), 'last / first'], curves.map(cells));
}
