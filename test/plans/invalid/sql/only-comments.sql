-- DELETE FROM shop.carts;
/* nothing yet */
