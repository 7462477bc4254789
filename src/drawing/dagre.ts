// The part of the library that is used here. Its own types leave out the file extensions that Node's resolution needs.

import * as dagre from '@dagrejs/dagre';

interface EdgeName {
  readonly v: string;
  readonly w: string;
  readonly name: string;
}

interface LayoutGraph {
  setGraph(options: Readonly<Record<string, string | number>>): void;
  setNode(name: string, size: { readonly width: number; readonly height: number }): void;
  setEdge(name: EdgeName, options: { readonly weight: number; readonly minlen: number }): void;
  /** These are there once `layout` has been called. */
  graph(): { readonly width: number; readonly height: number };
  node(name: string): { readonly x: number; readonly y: number };
  edge(name: EdgeName): { readonly points: readonly { readonly x: number; readonly y: number }[] };
}

interface LayoutLibrary {
  readonly Graph: new (options: { readonly multigraph: boolean }) => LayoutGraph;
  readonly layout: (graph: LayoutGraph) => void;
}

export const { Graph, layout } = dagre as unknown as LayoutLibrary;
