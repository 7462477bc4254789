DELETE FROM shop.carts;
