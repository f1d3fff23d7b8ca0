-- Last: this server and this database are where the workflows run
SELECT workflow._installed();
