export function IncidentPage({ id }: { id: string }) {
  return <h1>{id}</h1>
}
