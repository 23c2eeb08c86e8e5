export function App() {
  return <h1>Homeostat</h1>
}
