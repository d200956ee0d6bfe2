import type { DirectiveContext, EffectiveConfig } from './model.interface.js';
import { merge, type Layer } from './merge.js';
import type { Notes } from './notes.js';
import { covers, depth, fileOf, pathsOf, type Places } from './places.js';
import { findDirective, type Section } from './sections.js';
import { hostsOf, type Scope, type Spot } from './scopes.js';

/** The layers that hold at one path, outer before inner. */
interface Stack {
  readonly path: string;
  readonly layers: readonly Layer[];
}

/** What a server shows: its own sections on top of the main server's. */
interface View {
  readonly base: readonly Layer[];
  /** Outer before inner. */
  readonly directories: readonly Spot[];
  readonly locations: readonly Spot[];
  readonly places: Places;
}

/** The base set and every place whose settings differ from it. */
export function contextsOf(main: Scope, hosts: readonly Scope[], notes: Notes) {
  const named = claimNames(hosts, notes);
  const nameless = hosts.filter(({ section }) => !hostsOf(section).length && sets(section));
  const sole = hosts.length === 1 ? nameless[0] : undefined;
  for (const { section } of sole ? [] : nameless)
    notes.fault(section.line, '<VirtualHost> has session directives and no name; give it a ServerName');
  const first = named.find(({ scope }) => sets(scope.section));
  if (first)
    notes.finding(
      first.scope.section.line,
      'a host that no <VirtualHost> names gets the settings of the main server here; httpd gives it the first virtual host',
    );
  const views = [viewOf(main, sole), ...named.map(({ scope }) => viewOf(main, scope))];
  checkDirectories(views, notes);
  return build(
    views[0]!,
    named.map(({ names }, i) => ({ names, view: views[i + 1]! })),
  );
}

function build(anyHost: View, named: readonly { names: readonly string[]; view: View }[]) {
  const [root, ...inner] = stacksOf(anyHost, []);
  const contexts = inner.map((stack) => contextAt([], stack));
  const paths = inner.map(({ path }) => path);
  for (const { names, view } of named) {
    const stacks = stacksOf(view, paths);
    if (differs(stacks, [root!, ...inner])) contexts.push(...stacks.map((stack) => contextAt(names, stack)));
  }
  return { server: merge(root!.layers), contexts };
}

function viewOf(main: Scope, host: Scope | undefined): View {
  const spots = (kind: 'directories' | 'locations') => [...main[kind], ...(host?.[kind] ?? [])];
  return {
    base: host ? [main.layer, host.layer] : [main.layer],
    directories: spots('directories').toSorted((a, b) => depth(a.path) - depth(b.path)),
    locations: spots('locations'),
    places: {
      documentRoot: host?.places.documentRoot ?? main.places.documentRoot,
      aliases: [...(host?.places.aliases ?? []), ...main.places.aliases],
    },
  };
}

/** The layers at `/` first, then at each path where they change, outer paths before inner ones. */
function stacksOf(view: View, wanted: readonly string[]): Stack[] {
  const { directories, locations, places } = view;
  const paths = new Set(['/', ...wanted, ...locations.filter(says).map(({ path }) => path)]);
  const speaking = directories.filter(says);
  for (const { path } of speaking) for (const shown of pathsOf(path, places)) paths.add(shown);
  if (speaking.length) for (const { path } of places.aliases) paths.add(path);
  const stacks: Stack[] = [];
  for (const path of [...paths].toSorted((a, b) => depth(a) - depth(b))) {
    const stack = { path, layers: layersAt(path, view) };
    const outer = stacks.findLast((one) => covers(one.path, path));
    if (!outer || wanted.includes(path) || !same(outer.layers, stack.layers)) stacks.push(stack);
  }
  return stacks;
}

/** Directories shortest first, then locations as they stand (ap_directory_walk, ap_location_walk). */
function layersAt(path: string, { base, directories, locations, places }: View): Layer[] {
  const file = fileOf(path, places);
  const inside = directories.filter((one) => covers(one.path, file ?? ''));
  const at = locations.filter((one) => covers(one.path, path));
  return [...base, ...[...inside, ...at].filter(says).map(({ layer }) => layer)];
}

const says = ({ layer }: Spot) => layer.restarts || Object.keys(layer.settings).length > 0;
const same = (a: readonly Layer[], b: readonly Layer[]) =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** Whether a virtual host's layers are others than any host's; a layer that says nothing is none. */
function differs(own: readonly Stack[], any: readonly Stack[]): boolean {
  const speaking = ({ layers }: Stack) =>
    layers.filter((layer) => layer.restarts || Object.keys(layer.settings).length);
  return (
    own.length !== any.length ||
    own.some((stack, i) => stack.path !== any[i]!.path || !same(speaking(stack), speaking(any[i]!)))
  );
}

function contextAt(hosts: readonly string[], { path, layers }: Stack): DirectiveContext {
  const config: EffectiveConfig = merge(layers);
  return Object.freeze({ hosts, path: path === '/' ? undefined : path, line: layers.at(-1)!.line, config });
}

/** Directories with session directives that no URL leads to: here they would be lost. */
function checkDirectories(views: readonly View[], notes: Notes): void {
  const all = new Set(views.flatMap(({ directories }) => directories.filter(({ about }) => about)));
  for (const spot of all) {
    const shown = views.some(
      (view) => view.directories.includes(spot) && pathsOf(spot.path, view.places).length,
    );
    if (!shown)
      notes.fault(
        spot.layer.line,
        '<Directory> lies outside of DocumentRoot and of every Alias in the text, so no path is known for it; add those lines, or write the context by hand',
      );
  }
}

const sets = (section: Section) => findDirective(section, ({ key }) => key !== undefined) !== undefined;

/** Gives each name to one virtual host: contexts know hosts and no ports. */
function claimNames(hosts: readonly Scope[], notes: Notes): { names: string[]; scope: Scope }[] {
  const owner = new Map<string, Scope>();
  for (const scope of hosts.toSorted((a, b) => Number(sets(b.section)) - Number(sets(a.section))))
    for (const name of hostsOf(scope.section)) {
      const before = owner.get(name);
      if (!before) owner.set(name, scope);
      else if (sets(scope.section) && written(scope.section) !== written(before.section))
        notes.fault(
          scope.section.line,
          `<VirtualHost> has the name of the one in line ${before.section.line} and other session settings; contexts know no ports, so give one of them`,
        );
    }
  return hosts.flatMap((scope) => {
    const names = hostsOf(scope.section).filter((name) => owner.get(name) === scope);
    return names.length ? [{ names, scope }] : [];
  });
}

/** What a section sets, for comparing; it holds secrets and is never shown. */
const written = ({ name, argument, directives, sections }: Section): string =>
  JSON.stringify([
    name === 'virtualhost' ? '' : [name, argument],
    directives.filter(({ row }) => row?.key).map((one) => [one.name, one.args]),
    sections.filter(sets).map(written),
  ]);
