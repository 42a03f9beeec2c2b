import { timeOf } from '../text/json.ts';
import type { Event, EventObject, Json } from '../words.ts';
import { comparePlaces, isDestroy, type Place, placeOfVersion } from './fold-rows.ts';

/** The values of a row that came with one event and that no newer event replaces. */
export interface Layer {
  readonly place: Place;
  readonly columns: EventObject;
  /** Long texts stay in their events: for each such column the id of the event that contains it. */
  readonly texts: Readonly<Record<string, number>>;
}

/**
 * The known values of a row, oldest first. Each column is in only one layer, so there are at most as many layers as
 * columns.
 */
export type Layers = readonly Layer[];

/** A version of a row, with only the names of its long texts. */
export interface Version {
  readonly event: Pick<Event, 'type' | 'updatedAt' | 'receivedAt' | 'model' | 'rowId'>;
  /** The id of its event, which grows with arrival. */
  readonly arrival: number;
  readonly columns: EventObject;
  readonly texts: readonly string[];
}

/** Adds a version to the known values of its row. The result does not depend on the order of the versions. Pure. */
export function addVersion(layers: Layers, version: Version): Layers {
  const added: Layer = {
    place: placeOfVersion({ ...version.event, arrival: version.arrival }),
    columns: version.columns,
    texts: Object.fromEntries(version.texts.map((column) => [column, version.arrival])),
  };
  const before = layers.filter(({ place }) => comparePlaces(place, added.place) < 0);
  const after = layers.filter(({ place }) => comparePlaces(place, added.place) > 0);
  const kept = without(added, after);
  return [...before.map((layer) => without(layer, [added])), kept, ...after].filter(
    ({ columns, texts }) => Object.keys(columns).length > 0 || Object.keys(texts).length > 0,
  );
}

/** Returns the row: the newest value of each column, without long texts. */
export function merged(layers: Layers): EventObject {
  return Object.assign({}, ...layers.map(({ columns }) => columns)) as EventObject;
}

/** Returns for each long text the id of the event that contains it. */
export function textsIn(layers: Layers): Readonly<Record<string, number>> {
  return Object.assign({}, ...layers.map(({ texts }) => texts)) as Record<string, number>;
}

function without(layer: Layer, others: Layers): Layer {
  const isTold = (column: string) =>
    others.some(({ columns, texts }) => Object.hasOwn(columns, column) || Object.hasOwn(texts, column));
  const rest = <T extends Json>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([column]) => !isTold(column)));
  return { place: layer.place, columns: rest(layer.columns), texts: rest(layer.texts) as Record<string, number> };
}

/** Returns true if the newest version is a destroy. */
export function isDestroyedIn(layers: Layers): boolean {
  const newest = layers.at(-1);
  return newest !== undefined && isDestroy(newest.place);
}

/** Returns when a row was made, Unix milliseconds: its own time, otherwise the arrival of its first version. */
export function madeAt(object: EventObject, firstAt: number): number {
  return timeOf(object.created_at) ?? firstAt;
}
