/** What a person sees who opens the address in a browser. No script and no style, so the strictest policy holds. */
export const LANDING_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Homeostat</title></head>
<body>
<h1>Homeostat</h1>
<p>Watches the hosts and services that stand under Prometheus, explains what is wrong with them, and puts it right within guards.</p>
<ul>
<li><a href="/api/v1/targets">/api/v1/targets</a>: the latest result for every target</li>
<li><a href="/api/v1/incidents">/api/v1/incidents</a>: episodes of anomaly and alerts, newest first</li>
<li><a href="/api/v1/actions">/api/v1/actions</a>: what was done about them, or would be</li>
<li><a href="/metrics">/metrics</a>: scores for Prometheus to scrape</li>
<li><a href="/-/ready">/-/ready</a> and <a href="/-/healthy">/-/healthy</a>: state of this process</li>
</ul>
</body>
</html>
`
