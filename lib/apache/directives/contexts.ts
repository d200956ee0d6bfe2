import type { Diagnostics } from './diagnostics.js';
import { hasSettings, merge, type Layer } from './merge.js';
import { claimNames, hasDirectives, hostNamesOf, type HostNames } from './host-names.js';
import type { DirectiveContext } from './model.interface.js';
import type { PathSection, Server } from './servers.js';
import { covers, depth, fileOf, urlPathsOf, type UrlMapping } from './url-mapping.js';

// From sections to contexts. httpd merges sections at each request: the server, the virtual host, directories from short to
// long, then locations in the order of the text. Contexts are fixed at the start, so this file merges the sections for every
// URL path at which the result can change. A directory of the disk counts at the URL paths that show it.

/** The layers that apply at one URL path, outer before inner. */
interface LayerStack {
  readonly path: string;
  readonly layers: readonly Layer[];
}

/** The sections that apply to one host: the main server's, then those of its virtual host. */
interface HostView {
  /** The layers outside of all path sections. */
  readonly base: readonly Layer[];
  /** Outer before inner. */
  readonly directories: readonly PathSection[];
  /** In the order of the text. */
  readonly locations: readonly PathSection[];
  readonly mapping: UrlMapping;
}

/** Returns the settings of the server, and a context for each place whose settings differ from them. */
export function contextsOf(main: Server, hosts: readonly Server[], diagnostics: Diagnostics) {
  const named = claimNames(hosts, diagnostics);
  const nameless = hosts.filter(({ section }) => !hostNamesOf(section).size && hasDirectives(section));
  const onlyHost = hosts.length === 1 ? nameless[0] : undefined;
  for (const { section } of onlyHost ? [] : nameless)
    diagnostics.addFault(section.line, '<VirtualHost> has session directives and no name; add a ServerName');
  reportUnnamedHosts(named, diagnostics);
  const anyHost = viewOf(main, onlyHost);
  const views = named.map(({ names, host }) => ({ names, view: viewOf(main, host) }));
  checkDirectories([anyHost, ...views.map(({ view }) => view)], diagnostics);
  return build(anyHost, views);
}

/** Makes contexts for any host first, then for the named hosts whose settings differ from them. A named host gets a context
 *  at every path where any host has one, since a context of a named host hides those of any host. */
function build(anyHost: HostView, named: readonly { names: HostNames; view: HostView }[]) {
  const [root, ...inner] = stacksOf(anyHost, []);
  const contexts = inner.map((stack) => contextAt(new Map(), stack));
  const paths = inner.map(({ path }) => path);
  for (const { names, view } of named) {
    const stacks = stacksOf(view, paths);
    if (differs(stacks, [root!, ...inner])) contexts.push(...stacks.map((stack) => contextAt(names, stack)));
  }
  return { server: merge(root!.layers), contexts };
}

/** Combines the main server with a virtual host. The host's aliases are tried before the main server's. */
function viewOf(main: Server, host: Server | undefined): HostView {
  const sections = (kind: 'directories' | 'locations') => [...main[kind], ...(host?.[kind] ?? [])];
  return {
    base: host ? [main.layer, host.layer] : [main.layer],
    directories: sections('directories').toSorted((a, b) => depth(a.path) - depth(b.path)),
    locations: sections('locations'),
    mapping: {
      documentRoot: host?.mapping.documentRoot ?? main.mapping.documentRoot,
      aliases: [...(host?.mapping.aliases ?? []), ...main.mapping.aliases],
    },
  };
}

/** Returns the layers at `/`, then at each path where the layers change and at the paths in `wanted`, outer before inner. */
function stacksOf(view: HostView, wanted: readonly string[]): LayerStack[] {
  const stacks: LayerStack[] = [];
  for (const path of pathsOf(view, wanted)) {
    const stack = { path, layers: layersAt(path, view) };
    const outer = stacks.findLast((one) => covers(one.path, path));
    if (!outer || wanted.includes(path) || !isSame(outer.layers, stack.layers)) stacks.push(stack);
  }
  return stacks;
}

/** Returns the paths at which the layers may change, outer before inner. */
function pathsOf({ directories, locations, mapping }: HostView, wanted: readonly string[]): string[] {
  const paths = new Set(['/', ...wanted, ...locations.filter(isEffective).map(({ path }) => path)]);
  const effective = directories.filter(isEffective);
  for (const { path } of effective) for (const shown of urlPathsOf(path, mapping)) paths.add(shown);
  if (effective.length) for (const { path } of mapping.aliases) paths.add(path);
  return [...paths].toSorted((a, b) => depth(a) - depth(b));
}

/** Returns the layers of a path. httpd applies directories from short to long (ap_directory_walk), then locations in the
 *  order of the text (ap_location_walk). */
function layersAt(path: string, { base, directories, locations, mapping }: HostView): Layer[] {
  const file = fileOf(path, mapping);
  const inside = directories.filter((one) => covers(one.path, file ?? ''));
  const at = locations.filter((one) => covers(one.path, path));
  return [...base, ...[...inside, ...at].filter(isEffective).map(({ layer }) => layer)];
}

const isEffective = ({ layer }: PathSection) => hasSettings(layer);

const isSame = (a: readonly Layer[], b: readonly Layer[]) =>
  a.length === b.length && a.every((one, i) => one === b[i]);

/** True if a virtual host has other settings than any host has. Layers without settings do not count. */
function differs(own: readonly LayerStack[], any: readonly LayerStack[]): boolean {
  const effective = ({ layers }: LayerStack) => layers.filter(hasSettings);
  return (
    own.length !== any.length ||
    own.some((stack, i) => stack.path !== any[i]!.path || !isSame(effective(stack), effective(any[i]!)))
  );
}

/** Adds a finding if virtual hosts have session directives: httpd serves an unknown host from the first one. */
function reportUnnamedHosts(named: readonly { readonly host: Server }[], diagnostics: Diagnostics): void {
  const first = named.find(({ host }) => hasDirectives(host.section));
  if (first)
    diagnostics.addFinding(
      first.host.section.line,
      "a host that no <VirtualHost> names gets the main server's settings here; httpd gives it those of the first virtual host",
    );
}

/** Returns the context of one path, with its layers merged. */
function contextAt(names: HostNames, { path, layers }: LayerStack): DirectiveContext {
  return Object.freeze({
    hosts: [...names.keys()],
    hostLines: [...names.values()],
    path: path === '/' ? undefined : path,
    line: layers.at(-1)!.line,
    config: merge(layers),
  });
}

/** Adds a fault for each directory with session directives to which no URL leads: the directives would be lost. */
function checkDirectories(views: readonly HostView[], diagnostics: Diagnostics): void {
  const withDirectives = new Set(
    views.flatMap(({ directories }) => directories.filter(({ sessionDirective }) => sessionDirective)),
  );
  for (const section of withDirectives) {
    const isShown = views.some(
      ({ directories, mapping }) => directories.includes(section) && urlPathsOf(section.path, mapping).length,
    );
    if (!isShown)
      diagnostics.addFault(
        section.layer.line,
        '<Directory> lies outside DocumentRoot and every Alias of this text, so its URL path is unknown; add those lines, or write the context by hand',
      );
  }
}
