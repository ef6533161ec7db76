"""Drawings as ECharts options, one module a family of kinds."""
