"""What many responses say together: findings, baseline, clusters, comparison, cookies, drift, latency, caching."""
