import type { QueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { EventsJson, FleetJson } from '../../api/contract.ts'
import { applyEvent, type EventName } from './apply-event.ts'
import { ApiProblem, apiAddress, getJson } from './client.ts'
import { keyOf } from './queries.ts'

/** What the line of events is like. `at`: time of the newest event, which is how old the page is at most; ms. */
export type LiveState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live'; readonly at: number }
  | { readonly kind: 'reconnecting'; readonly since: number; readonly at: number | undefined }
  | { readonly kind: 'signed_out' }

const NAMES = ['hello', 'reset', 'targets', 'incident', 'action', 'freeze', 'status', 'heartbeat'] as const
/** A heartbeat comes every 15 s. */
const SILENT_MS = 35_000
/** So that a daemon that sends many away is not asked by all of them at once, again and again. */
const ANEW_MS = 1000
const RETRY_MS = [500, 1000, 2000, 3000]

let state: LiveState = { kind: 'connecting' }
const watchers = new Set<() => void>()
const listeners = new Map<EventName, Set<(data: never) => void>>()

/** Whether what is on the screen is as it is now. */
export function useLive(): LiveState {
  return useSyncExternalStore((changed) => {
    watchers.add(changed)
    return () => watchers.delete(changed)
  }, liveState)
}

/** The same, of this moment. */
export function liveState(): LiveState {
  return state
}

/** Hears each event of a name as it comes, after what is known was changed by it. */
export function useLiveEvent<N extends EventName>(name: N, heard: (data: EventsJson[N]) => void): void {
  const newest = useRef(heard)
  useEffect(() => {
    newest.current = heard
  })
  useEffect(() => {
    const listener = (data: EventsJson[N]) => newest.current(data)
    const all = listeners.get(name) ?? new Set()
    listeners.set(name, all.add(listener))
    return () => void all.delete(listener)
  }, [name])
}

/** Follows the events of the daemon until the returned function is called. */
export function followEvents(queries: QueryClient): () => void {
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastId: string | undefined
  let failures = 0
  let ended = false

  async function begin(): Promise<void> {
    try {
      if (lastId === undefined) {
        const queryFn = () => getJson<FleetJson>('fleet')
        lastId = (await queries.fetchQuery({ queryKey: keyOf('fleet'), queryFn, staleTime: 0 })).last_event_id
      }
      if (!ended) open(lastId)
    } catch (error) {
      if (!ended) await failed(error)
    }
  }

  function open(from: string): void {
    source = new EventSource(`${apiAddress('events')}?last_event_id=${encodeURIComponent(from)}`)
    for (const name of NAMES) source.addEventListener(name, (event) => hear(name, event))
    // Whether it was refused is not told: asking for the session is.
    source.onerror = () => void retry()
    listenFor(SILENT_MS)
  }

  function hear<N extends EventName>(name: N, { data, lastEventId }: MessageEvent<string>): void {
    const value = JSON.parse(data) as EventsJson[N]
    if (lastEventId !== '') lastId = lastEventId
    failures = 0
    set({ kind: 'live', at: Date.now() })
    applyEvent(queries, name, value)
    for (const listener of listeners.get(name) ?? []) listener(value as never)
    if (name === 'reset') beginAnew()
    else listenFor(SILENT_MS)
  }

  /** With a new picture of the fleet, which the events then go on from. */
  function beginAnew(): void {
    close()
    lastId = undefined
    timer = setTimeout(() => void begin(), ANEW_MS)
  }

  function listenFor(ms: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void retry(), ms)
  }

  async function retry(): Promise<void> {
    close()
    if (state.kind !== 'reconnecting') {
      set({ kind: 'reconnecting', since: Date.now(), at: state.kind === 'live' ? state.at : undefined })
    }
    const answer = await getJson('session').then(
      () => undefined,
      (error: unknown) => error,
    )
    if (!ended) await failed(answer)
  }

  async function failed(error: unknown): Promise<void> {
    if (error instanceof ApiProblem && error.status === 401) return set({ kind: 'signed_out' })
    if (state.kind !== 'reconnecting') set({ kind: 'reconnecting', since: Date.now(), at: undefined })
    const wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]
    clearTimeout(timer)
    timer = setTimeout(() => void begin(), wait)
  }

  function close(): void {
    clearTimeout(timer)
    source?.close()
    source = undefined
  }

  set({ kind: 'connecting' })
  void begin()
  return () => {
    ended = true
    close()
  }
}

function set(next: LiveState): void {
  state = next
  for (const changed of watchers) changed()
}
