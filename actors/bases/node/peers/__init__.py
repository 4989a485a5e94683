"""The link between nodes: processes of one cluster, on one machine or on several."""
