"""Beanft turns a table into an honest forecast; importing this package loads neither Flask nor pandas."""
