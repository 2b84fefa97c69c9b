"""The edge to PrestaShop's database. Nothing else may send SQL to the shop, or know its local time."""
